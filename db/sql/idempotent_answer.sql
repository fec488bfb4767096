-- What a request with this Idempotency-Key was answered.
-- $1 key.
-- Returns status and body.
SELECT status, body FROM idempotency_keys WHERE account_id = scope() AND key = $1::text
