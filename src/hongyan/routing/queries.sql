-- Channels and routes.

-- name: all_channels
-- Every channel with its sealed password, for the route table.
SELECT channel_id, name, protocol, host, port, login, password_sealed, src_id, service_id, links, window_size,
       speed_per_second, state, created_at, settings
FROM channels ORDER BY channel_id;

-- name: all_routes
SELECT route_id, carrier, channel_id, priority, weight, state FROM routes ORDER BY carrier, priority, route_id;

-- name: list_channels
-- Every channel as people see it.
SELECT channel_id, name, protocol, host, port, login, src_id, service_id, links, window_size, speed_per_second, state,
       created_at, settings
FROM channels ORDER BY channel_id;

-- name: channel_by_name
SELECT channel_id, name, protocol, host, port, login, src_id, service_id, links, window_size, speed_per_second, state,
       created_at, settings
FROM channels WHERE name = $1;

-- name: lock_channel
SELECT channel_id, name, protocol, host, port, login, src_id, service_id, links, window_size, speed_per_second, state,
       created_at, settings
FROM channels WHERE name = $1 FOR NO KEY UPDATE;

-- name: insert_channel
-- Nothing comes back when the name is taken.
INSERT INTO channels (name, protocol, host, port, login, password_sealed, src_id, service_id, links, window_size,
                      speed_per_second, settings)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (name) DO NOTHING
RETURNING channel_id, name, protocol, host, port, login, src_id, service_id, links, window_size, speed_per_second,
          state, created_at, settings;

-- name: update_channel
-- The password stays as it is when NULL.
UPDATE channels
SET protocol = $2, host = $3, port = $4, login = $5, password_sealed = coalesce($6, password_sealed), src_id = $7,
    service_id = $8, links = $9, window_size = $10, speed_per_second = $11, settings = $12
WHERE name = $1
RETURNING channel_id, name, protocol, host, port, login, src_id, service_id, links, window_size, speed_per_second,
          state, created_at, settings;

-- name: set_channel_state
UPDATE channels SET state = $2 WHERE name = $1
RETURNING channel_id, name, protocol, host, port, login, src_id, service_id, links, window_size, speed_per_second,
          state, created_at, settings;

-- name: insert_route
-- Nothing comes back when the carrier has a route to this channel.
INSERT INTO routes (carrier, channel_id, priority, weight) VALUES ($1, $2, $3, $4)
ON CONFLICT (carrier, channel_id) DO NOTHING
RETURNING route_id, carrier, channel_id, priority, weight, state;

-- name: update_route
-- What is NULL stays as it is.
UPDATE routes SET priority = coalesce($2, priority), weight = coalesce($3, weight), state = coalesce($4, state)
WHERE route_id = $1
RETURNING route_id, carrier, channel_id, priority, weight, state;

-- name: delete_route
DELETE FROM routes WHERE route_id = $1 RETURNING route_id, carrier, channel_id, priority, weight, state;

-- name: announce
-- Tell every process that what it holds of this area is out of date.
SELECT pg_notify('hongyan_config', 'routing');
