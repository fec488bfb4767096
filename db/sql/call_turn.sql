-- Answers a carrier's question about a call: does what the key says, and returns the script that is spoken
-- next, as JSON.
-- $1 provider, $2 the question, as JSON; see call_turn().
SELECT call_turn($1::text, $2::text::jsonb)
