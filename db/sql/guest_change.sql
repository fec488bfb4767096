-- Changes what is known of a guest; an empty text takes it away. It is not kept for who asks again.
-- $1 guest, $2 name, $3 language, $4 notes; each or NULL.
-- Returns status and body.
WITH changed AS (
    UPDATE conversations c
    SET name = CASE WHEN $2::text IS NULL THEN c.name ELSE nullif($2::text, '') END,
        language = coalesce($3::text, c.language),
        notes = CASE WHEN $4::text IS NULL THEN c.notes ELSE nullif($4::text, '') END
    WHERE c.account_id = scope() AND c.conversation_id = $1::text
    RETURNING c.conversation_id, c.name, c.language, c.notes
)
SELECT CASE WHEN c.conversation_id IS NULL THEN 404 ELSE 200 END,
       CASE WHEN c.conversation_id IS NULL THEN nothing_here()
            -- the row as it was before, with what has changed
            ELSE (guest_json(scope(), c.conversation_id)::jsonb
                  || jsonb_build_object('name', c.name, 'language', c.language, 'notes', c.notes))::json END
FROM (VALUES (1)) one LEFT JOIN changed c ON true
