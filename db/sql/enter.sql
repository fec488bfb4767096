-- The caller of the statement behind this one, in the same transaction: see enter() in migration 0004.
-- $1 kind, $2 id, $3 account or NULL, $4 needs, $5 address, $6 request id, $7 Idempotency-Key or NULL,
-- $8 hash of the request or NULL.
SELECT enter($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text)
