-- Changes the account's settings.
-- $1 name, $2 zone, $3 quiet from, $4 quiet until, $5 help, $6 phone, $7 language, $8 hold minutes, $9 more
-- minutes, $10 place that is nearly up, $11 minutes until the second notice (0: none), $12 wait when there
-- is no estimate (minutes), $13 estimates, $14 show the wait, $15 check-in, $16 reminders, $17 fold texts,
-- $18 days that guests' data is kept (0: 18 months after the last login), $19 how guests are notified, $20
-- minutes without an answer until a call, $21 voice, $22 voicemail; each or NULL.
-- Returns status and body.
WITH fit AS (
    SELECT $2::text IS NULL OR EXISTS (SELECT FROM pg_timezone_names WHERE name = $2::text) AS zone
), changed AS (
    UPDATE accounts SET name = coalesce($1::text, name), zone = coalesce($2::text, zone),
                        quiet_from = coalesce($3::text::time, quiet_from),
                        quiet_until = coalesce($4::text::time, quiet_until),
                        help = coalesce($5::text, help),
                        phone = coalesce($6::text, phone),
                        language = coalesce($7::text, language),
                        hold_minutes = coalesce($8::bigint, hold_minutes),
                        more_minutes = coalesce($9::bigint, more_minutes),
                        almost_place = coalesce($10::bigint, almost_place),
                        second_notice_minutes = nullif(coalesce($11::bigint, second_notice_minutes), 0),
                        default_wait_minutes = coalesce($12::bigint, default_wait_minutes),
                        estimates = coalesce($13::text::boolean, estimates),
                        show_wait = coalesce($14::text::boolean, show_wait),
                        check_in = coalesce($15::text::boolean, check_in),
                        reminders = coalesce(array_remove(string_to_array($16::text, ' '), 'none'),
                                             reminders),
                        fold_texts = coalesce($17::text::boolean, fold_texts),
                        retain_days = nullif(coalesce($18::bigint, retain_days), 0),
                        notify_by = coalesce($19::text, notify_by),
                        call_after_minutes = coalesce($20::bigint, call_after_minutes),
                        voice = coalesce($21::text, voice),
                        voicemail = coalesce($22::text::boolean, voicemail)
    WHERE account_id = scope() AND (SELECT zone FROM fit)
    RETURNING accounts
), told AS (
    SELECT audit('account.changed', scope(), json_strip_nulls(json_build_object(
               'name', $1::text, 'zone', $2::text, 'quiet_from', $3::text, 'quiet_until', $4::text,
               'reminders', $16::text, 'retain_days', $18::bigint)))
    FROM changed
)
SELECT CASE WHEN zone THEN 200 ELSE 422 END,
       CASE WHEN zone THEN (SELECT account_json(accounts) FROM changed)
            ELSE problem('invalid_field', 'zone', 'It must be a time zone like America/Chicago.') END,
       (SELECT count(*) FROM told)
FROM fit
