-- What guests are told of each event, in each language, with usual values.
-- No parameters.
-- Returns status and body.
SELECT 200, json_build_object(
    'data', json_agg(template_json(scope(), e.event, l.name) ORDER BY e.ordinal, l.name), 'next_cursor', NULL)
FROM text_events e CROSS JOIN unnest('{en,es,fr}'::text[]) l (name)
