// stop.test.mjs - STOP against a concurrent send: nothing is opened once STOP is committed, and so before
// its 200. The order is that of the commits, which PostgreSQL keeps for this test.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, each, guest, house, TWILIO_NUMBER, until } from './house.mjs';
import { twilioReply, twilioRequest } from './sign.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 1000);
let h;
before(async () => {
  h = await house({ prism: false, settings: ['track_commit_timestamp=on'] });
  await h.gateway();
});
after(() => h?.close());

test(`${ROUNDS} rounds of STOP against a send: no attempt is committed after STOP`, async () => {
  // Rows that nobody updates keep the transaction that wrote them, and with it its commit.
  h.sql(`CREATE TABLE opened (phone text); CREATE TABLE stopped (phone text);
    CREATE FUNCTION note_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO opened SELECT phone FROM messages m
      WHERE m.account_id = NEW.account_id AND m.message_id = NEW.message_id; RETURN NULL; END $$;
    CREATE TRIGGER note_opened AFTER INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION note_opened();
    CREATE FUNCTION note_stopped() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO stopped VALUES (NEW.phone); RETURN NULL; END $$;
    CREATE TRIGGER note_stopped AFTER INSERT OR UPDATE OF opted_out_at ON conversations
      FOR EACH ROW WHEN (NEW.opted_out_at IS NOT NULL) EXECUTE FUNCTION note_stopped()`);
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`;
  let sent = 0, refused = 0;
  await each(ROUNDS, 40, async (i) => {
    const stop = twilioRequest(url, twilioReply(h, guest(i), TWILIO_NUMBER, 'STOP'),
                               h.credentials.TWILIO_AUTH_TOKEN);
    // now the one, now the other is ahead by a few milliseconds
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const [message, answer] = await Promise.all([
      wait(i % 3).then(() => h.api('/v1/messages', { body: { to: guest(i), body: 'Ready' } })),
      wait(i % 7).then(() => call(url, stop)),
    ]);
    assert.equal(answer.status, 200);
    assert.ok([202, 409].includes(message.status), message.text);
    if (message.status === 202) sent++;
    else refused++;
    const again = await h.api('/v1/messages', { body: { to: guest(i), body: 'again' } });
    assert.equal(again.status, 409);
  });
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 60);

  const after = h.sql(`SELECT count(*) FROM opened o JOIN stopped s USING (phone)
    WHERE pg_xact_commit_timestamp(o.xmin) > pg_xact_commit_timestamp(s.xmin)`);
  assert.equal(after, '0');
  assert.equal(h.sql('SELECT count(*) FROM stopped'), String(ROUNDS));
  const stopped = h.sql("SELECT count(*) FROM messages WHERE state = 'stopped'");
  assert.ok(sent > ROUNDS / 10 && refused + Number(stopped) > ROUNDS / 100, JSON.stringify({ sent, refused, stopped }));
});
