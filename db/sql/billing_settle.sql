-- What Recurly said of an account's subscription.
-- $1 account, $2 the claim, $3 hints at that time, $4 state; times in ms or NULL: $5 when the subscription
-- began, $6 in this state since, $7 until; $8 subscription's id, $9 the page to manage it, each or NULL.
-- Returns the state before; NULL: it was another's by then.
SELECT billing_told($1::text, $2::text, $3::bigint, $4::text, from_ms($5::bigint), from_ms($6::bigint),
                    from_ms($7::bigint), $8::text, $9::text)
