-- What goes before every statement that is sent through a pooler: see begin_pooled().
-- $1 whose rows: '*' all accounts', '' none until enter(), $2 plan_cache_mode, $3 inner and $4 outer pad of phone_hash(),
-- $5 PUBLIC_URL, $6 'on' when there is billing, $7 statement_timeout.
SELECT begin_pooled($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text)
