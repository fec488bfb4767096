-- How the tables are spread over the machines of Citus: what `maitred migrate --distribute` runs.

-- Each table, and how: 'distributed' by account_id; 'reference', a copy on every machine, for what is looked up before an
-- account is known; 'local', which stays on the first, for what the engine claims from over all accounts.
CREATE OR REPLACE FUNCTION table_spread(OUT name text, OUT how text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    WITH chosen (how, names) AS (VALUES
        ('reference', '{organisations,accounts,users,memberships,sessions,links,api_keys,numbers}'::text[]),
        ('local', '{queue,turns,pending,calls_due,hang_ups,lines_due,callbacks,callbacks_other,carriers,carrier_events,
                    breakers,paces,tries,heard,number_pool,epoch,events_floor,schema_migrations,sealed_settings}'))
    SELECT c.relname::text, coalesce((SELECT h.how FROM chosen h WHERE c.relname = ANY (h.names)), 'distributed')
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY coalesce((SELECT array_position(h.names, c.relname::text) FROM chosen h WHERE h.how = 'reference'), 1000), c.relname
$$;

-- The statements, in their order. A unique constraint must hold account_id there: what is unique without is random, of
-- 72 bits, and becomes unique in its account.
CREATE OR REPLACE FUNCTION distribution() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT format('ALTER DATABASE %I SET citus.propagate_set_commands = ''local''', current_database())
    UNION ALL
    SELECT 'SET LOCAL citus.enable_unsafe_triggers = on'
    UNION ALL
    SELECT format('ALTER TABLE %I DROP CONSTRAINT %I, ADD UNIQUE (account_id, %s)', s.name, k.conname, columns.names)
    FROM table_spread() s
    JOIN pg_constraint k ON k.conrelid = format('public.%I', s.name)::regclass AND k.contype = 'u'
    CROSS JOIN LATERAL (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(k.conkey, a.attnum)) AS names,
                               bool_or(a.attname = 'account_id') AS has
                        FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) columns
    WHERE s.how = 'distributed' AND NOT columns.has
    UNION ALL
    SELECT format('SELECT create_reference_table(%L)', s.name) FROM table_spread() s WHERE s.how = 'reference'
    UNION ALL
    SELECT 'SELECT create_distributed_table(''messages'', ''account_id'')'
    UNION ALL
    SELECT format('SELECT create_distributed_table(%L, ''account_id'', colocate_with => ''messages'')', s.name)
    FROM table_spread() s WHERE s.how = 'distributed' AND s.name <> 'messages'
$$;
