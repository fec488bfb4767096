-- 0012: where alerts find what they tell. Neither column changes with each text, so rows are updated in
-- place as before; an index over a message's state would end that.

CREATE INDEX messages_planned ON messages (account_id, send_at) WHERE send_at IS NOT NULL;
CREATE INDEX conversations_flagged ON conversations (account_id) WHERE opted_out_via = 'flag';
