-- What tells whether the platform can take and send messages.

-- name: readiness
-- Age and detail of every process that was heard of lately ($1: an interval), and the names of the active channels.
SELECT ARRAY(
           SELECT jsonb_build_object(
                      'role', role,
                      'age_seconds', greatest(round(extract(epoch FROM now() - seen_at)::numeric, 1), 0),
                      'detail', detail)::text
           FROM role_heartbeats
           WHERE seen_at > now() - $1::interval
       ) AS heartbeats,
       ARRAY(SELECT name FROM channels WHERE state = 'active' ORDER BY name) AS channels
