-- Erases a guest: messages, names, numbers and words; the visits stay, with nobody in them.
-- $1 guest, $2 the erasure's id.
-- Returns status and body.
WITH erased AS MATERIALIZED (
    SELECT e.* FROM erase_guest(scope(), $1::text, $2::text, actor(), false) e
), told AS (
    SELECT audit('guest.erased', $1::text, json_build_object('erasure', $2::text))
    FROM erased WHERE status = 200
)
SELECT a.*, (SELECT count(*) FROM told) FROM erased e, answer(e.status, e.body) a
