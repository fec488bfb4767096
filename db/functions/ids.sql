-- "dlv_" and 26 characters, as gateway/core/id.h makes them: a UUIDv7 whose last 62 bits are given; 48 bits of time,
-- 0111, 12 bits that are 0, 10. Not in SQL: that is planned again wherever a function calls it, in 200 us.
CREATE OR REPLACE FUNCTION id_of(prefix text, at timestamptz, low bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    a CONSTANT text := '0123456789abcdefghjkmnpqrstvwxyz';
    u bigint := (extract(epoch FROM at) * 1000)::bigint << 16 | 28672;
    l bigint := low & 4611686018427387903 | (-9223372036854775808);
BEGIN
    RETURN prefix || '_'
        || substr(a, (u >> 61 & 7)::int + 1, 1) || substr(a, (u >> 56 & 31)::int + 1, 1) || substr(a, (u >> 51 & 31)::int + 1, 1) || substr(a, (u >> 46 & 31)::int + 1, 1)
        || substr(a, (u >> 41 & 31)::int + 1, 1) || substr(a, (u >> 36 & 31)::int + 1, 1) || substr(a, (u >> 31 & 31)::int + 1, 1) || substr(a, (u >> 26 & 31)::int + 1, 1)
        || substr(a, (u >> 21 & 31)::int + 1, 1) || substr(a, (u >> 16 & 31)::int + 1, 1) || substr(a, (u >> 11 & 31)::int + 1, 1) || substr(a, (u >> 6 & 31)::int + 1, 1)
        || substr(a, (u >> 1 & 31)::int + 1, 1) || substr(a, ((u & 1) << 4 | (l >> 60 & 15))::int + 1, 1) || substr(a, (l >> 55 & 31)::int + 1, 1) || substr(a, (l >> 50 & 31)::int + 1, 1)
        || substr(a, (l >> 45 & 31)::int + 1, 1) || substr(a, (l >> 40 & 31)::int + 1, 1) || substr(a, (l >> 35 & 31)::int + 1, 1) || substr(a, (l >> 30 & 31)::int + 1, 1)
        || substr(a, (l >> 25 & 31)::int + 1, 1) || substr(a, (l >> 20 & 31)::int + 1, 1) || substr(a, (l >> 15 & 31)::int + 1, 1) || substr(a, (l >> 10 & 31)::int + 1, 1)
        || substr(a, (l >> 5 & 31)::int + 1, 1) || substr(a, (l & 31)::int + 1, 1);
END $$;

CREATE OR REPLACE FUNCTION random_id(prefix text) RETURNS text LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
    RETURN id_of(prefix, clock_timestamp(),
                 ('x' || right(gen_random_uuid()::text, 4) || right(gen_random_uuid()::text, 12))::bit(64)::bigint);
END $$;
