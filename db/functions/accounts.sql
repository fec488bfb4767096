-- What the API shows of an account.
CREATE OR REPLACE FUNCTION account_json(a accounts) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object(
    'id', a.account_id, 'name', a.name, 'zone', a.zone, 'region', a.region, 'phone', a.phone,
    'language', a.language,
    'quiet_from', to_char(a.quiet_from, 'HH24:MI'), 'quiet_until', to_char(a.quiet_until, 'HH24:MI'),
    'help', a.help, 'carrier', a.carrier,
    'hold_minutes', a.hold_minutes, 'more_minutes', a.more_minutes, 'almost_place', a.almost_place,
    'second_notice_minutes', coalesce(a.second_notice_minutes, 0),
    'default_wait_minutes', a.default_wait_minutes, 'estimates', a.estimates, 'show_wait', a.show_wait,
    'check_in', a.check_in, 'check_in_code', a.check_in_code, 'reminders', to_json(a.reminders),
    'notify_by', a.notify_by, 'call_after_minutes', a.call_after_minutes, 'voice', a.voice,
    'voicemail', a.voicemail, 'fold_texts', a.fold_texts, 'retain_days', coalesce(a.retain_days, 0),
    'billing', billing_json(a.account_id), 'created_at', rfc3339(a.created_at),
    'numbers', (SELECT coalesce(json_agg(json_build_object('phone', n.phone, 'carrier', n.provider,
                                                           'kind', n.kind, 'calls', n.calls)
                                         ORDER BY n.provider, n.phone), '[]')
                FROM numbers n WHERE n.account_id = a.account_id AND n.sends));
