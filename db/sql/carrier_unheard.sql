-- Receipts had to be fetched. When that happens again and again and no callback of the carrier has come
-- for ten minutes, our webhook may be broken; the first that comes ends the alarm.
-- $1 provider, $2 how many more, $3 who, $4 event id.
-- Returns the carrier when the alarm begins.
WITH heard AS (
    SELECT EXISTS (SELECT FROM callbacks
                   WHERE batch_at > now() - interval '10 minutes' AND provider = $1::text) AS lately
), counted AS (
    UPDATE carriers c
    SET unheard = CASE WHEN h.lately THEN 0 ELSE c.unheard + $2::bigint END,
        alarmed_at = CASE WHEN h.lately THEN NULL
                          WHEN c.unheard + $2::bigint >= 3 THEN coalesce(c.alarmed_at, now()) END
    FROM heard h
    WHERE c.provider = $1::text
    RETURNING c.provider, c.alarmed_at
), alarmed AS (
    SELECT provider FROM counted WHERE alarmed_at = now()
), kept AS (
    INSERT INTO carrier_events (provider, event_id, operation, what, who, reason)
    SELECT provider, $4::text, 'callback', 'unheard', $3::text,
           'Texts arrive, but none of its callbacks do: our webhook may be broken.'
    FROM alarmed
    ON CONFLICT DO NOTHING
)
SELECT provider FROM alarmed
