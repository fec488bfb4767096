-- The guest with a number. What is found is not kept for who asks again: it is read, and is a guest's.
-- $1 number.
-- Returns status and body.
SELECT CASE WHEN g.id IS NULL THEN 404 ELSE 200 END,
       CASE WHEN g.id IS NULL THEN problem('not_found', 'phone', 'No guest of this account has this number.')
            ELSE guest_json(scope(), g.id) END
FROM (SELECT (SELECT conversation_id FROM conversations
              WHERE account_id = scope() AND phone = $1::text) AS id) g
