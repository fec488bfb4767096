-- These batches are applied. $1 their ids, joined by commas.
DELETE FROM pending WHERE batch_id = ANY (string_to_array($1::text, ','))
