-- The database has been restored: says since when it has forgotten what was done, which attempt_open.sql
-- minds; ends all sessions and links, since those that were ended meanwhile are back.
-- Returns since when, and how many messages are in the queue.
SELECT rfc3339(restored()), (SELECT count(*) FROM queue)
