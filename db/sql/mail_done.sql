-- What became of a mail. Tried again after 1, 2, 4 ... minutes, for a day.
-- $1 link id, $2 sent, later or never, $3 why, or NULL.
-- Returns one row: the link's id.
UPDATE links
SET mail = CASE $2::text WHEN 'sent' THEN 'sent'
                WHEN 'later' THEN CASE WHEN mail_tries < 12 THEN 'queued' ELSE 'failed' END
                ELSE 'failed' END,
    mail_due_at = now() + least(power(2, mail_tries - 1), 180) * interval '1 minute',
    mail_why = $3::text
WHERE link_id = $1::text
RETURNING link_id
