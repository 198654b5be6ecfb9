-- Channels and routes.

-- name: all_channels
-- Every channel with its sealed password, for the route table.
SELECT channel_id, name, protocol, host, port, login, password_sealed, src_id, service_id, links, window_size,
       speed_per_second, state, created_at
FROM channels ORDER BY channel_id;

-- name: all_routes
SELECT route_id, carrier, channel_id, priority, weight, state FROM routes ORDER BY carrier, priority, route_id;
