-- Who runs: one row for each role's process.

-- name: beat
-- Say that this process lives; `$5` is what the role tells of itself.
INSERT INTO role_heartbeats (instance, role, pid, started_at, seen_at, detail)
VALUES ($1, $2, $3, $4, now(), $5::jsonb)
ON CONFLICT (instance) DO UPDATE SET seen_at = now(), detail = excluded.detail;

-- name: leave
DELETE FROM role_heartbeats WHERE instance = $1;

-- name: forget_node
-- The rows of a machine whose processes all ended: instance names are role@machine:pid.
DELETE FROM role_heartbeats WHERE split_part(split_part(instance, '@', 2), ':', 1) = $1;

-- name: list_live
-- The processes seen within so many seconds.
SELECT instance, role, pid, started_at, seen_at, detail
FROM role_heartbeats
WHERE seen_at > now() - make_interval(secs => $1)
ORDER BY role, instance;
