-- Takes the next mail that is due, for a minute, and gives its link a new secret: the one before, of
-- a try that failed, works no more.
-- $1 SHA-256 of the secret.
-- Returns a row: link id, kind, address, name, venue, invited by, tries so far; or none.
WITH next AS (
    SELECT link_id FROM links
    WHERE mail = 'queued' AND mail_due_at <= now()
    ORDER BY mail_due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE links l
SET hash = CASE WHEN kind = 'notice' THEN hash ELSE $1::text END,
    mail_due_at = now() + interval '1 minute', mail_tries = mail_tries + 1
FROM next n
WHERE l.link_id = n.link_id
RETURNING l.link_id, kind, login, name,
          coalesce((SELECT a.name FROM accounts a WHERE a.account_id = l.account_id),
                   venue ->> 'name', ''), invited_by, mail_tries
