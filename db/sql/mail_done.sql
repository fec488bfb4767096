-- What became of a mail. Tried again after 1, 2, 4 ... minutes, for a day.
-- Not one that was asked for anew while it was on its way: that one is due, with another secret.
-- $1 link id, $2 sent, later or never, $3 why, or NULL.
-- Returns the link's id, or no row.
UPDATE links
SET mail = CASE $2::text WHEN 'sent' THEN 'sent'
                WHEN 'later' THEN CASE WHEN mail_tries < 12 THEN 'queued' ELSE 'failed' END
                ELSE 'failed' END,
    mail_due_at = now() + least(power(2, mail_tries - 1), 180) * interval '1 minute',
    mail_why = $3::text
WHERE link_id = $1::text AND mail_tries > 0
RETURNING link_id
