-- The journal of guests' wishes, the oldest first: who is to be forgotten, and who is not to be texted.
-- $1 from when (Unix ms).
-- Returns account, hash of the number, when, what (erased, stop, start, flag, clear), and by whom: staff,
-- or at which carrier; and of each text that an erased guest had written account, the carrier's id, when,
-- "text" and the carrier, whose list still has it.
SELECT account_id, phone_hash, rfc3339(at), what, by FROM (
    SELECT account_id, phone_hash, at, 'erased' AS what, 'staff' AS by FROM erasures
    UNION ALL
    SELECT account_id, carrier_id, at, 'text', provider FROM erased_texts
    UNION ALL -- an erased guest's log has the hash in place of the number
    SELECT account_id, CASE WHEN phone LIKE '+%' THEN phone_hash(phone) ELSE phone END, at, action,
           coalesce(provider, 'staff')
    FROM consent_log WHERE action IN ('stop', 'start', 'flag', 'clear')) w
WHERE at >= from_ms($1::bigint)
ORDER BY at, account_id, what, phone_hash
