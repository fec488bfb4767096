// poison.test.mjs - a message that ends each process that handles it: after eight it is parked, with words that people
// read, and all others have gone out. The test is what ends the process, whenever that message has been claimed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guest, house, until } from './house.mjs';

const CLAIMS = 8, OTHERS = 40, POISON = 'the poisoned one';
const WHY = 'Sending it stopped our software several times; it was not tried again.';
let h;
before(async () => {
  h = await house({ prism: false });
  // an attempt at it is never opened: it takes until the process is dead
  h.sql(`CREATE TABLE claims (n serial, message_id text, claimed_by text, lapses int);
    CREATE FUNCTION note_claims() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO claims (message_id, claimed_by, lapses)
        SELECT message_id, claimed_by, lapses FROM claimed WHERE claimed_by IS NOT NULL AND due_at > now() + interval '5 s';
      RETURN NULL; END $$;
    CREATE TRIGGER note_claims AFTER UPDATE ON queue REFERENCING NEW TABLE AS claimed
      FOR EACH STATEMENT EXECUTE FUNCTION note_claims();
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      IF (SELECT body FROM messages m WHERE m.account_id = NEW.account_id AND m.message_id = NEW.message_id) = '${POISON}' THEN
        PERFORM pg_sleep(1);
        RAISE 'not this one';
      END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER hold BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION hold()`);
});
after(() => h?.close());

// the leases of the dead are over
const hurry = (pid) => h.sql(`UPDATE queue SET due_at = now() WHERE claimed_by NOT LIKE '%/${pid}/%'`);
const claims = (id) => h.sql(`SELECT claimed_by FROM claims WHERE message_id = '${id}' ORDER BY n`).split('\n').filter(Boolean);
const company = (claim) => Number(h.sql(`SELECT count(*) - 1 FROM claims WHERE claimed_by = '${claim}'`));

test('a message that ends each process that handles it is parked after eight, and the others go out', async () => {
  let gateway = await h.gateway();
  const others = [];
  const more = async (n) => { for (let i = 0; i < n; i++) others.push(await h.text(guest(others.length), `other ${others.length}`)); };
  const poisoned = guest(900);
  await more(5);
  const posting = more(OTHERS / 2); // so that it is claimed among others
  const id = await h.text(poisoned, POISON);
  const younger = await h.text(poisoned, 'a younger one to the same guest');
  await posting;
  for (let k = 1; k <= CLAIMS; k++) {
    await until(`it is claimed, time ${k}`, () => claims(id).length >= k, 20);
    assert.equal(claims(id).length, k);
    await gateway.stop('SIGKILL');
    hurry('none'); // its own as well
    gateway = await h.gateway();
    await more(OTHERS / CLAIMS);
  }
  hurry(gateway.child.pid);
  await until('it has ended', async () => (await h.message(id)).state === 'failed');
  await until('nothing is queued', () => hurry(gateway.child.pid) || h.sql('SELECT count(*) FROM queue') === '0', 60);

  const m = await h.message(id);
  assert.deepEqual([m.state, m.reason], ['failed', WHY]);
  const seen = claims(id);
  assert.equal(seen.length, CLAIMS, 'never claimed again');
  assert.equal(new Set(seen.map((c) => c.split('/')[1])).size, CLAIMS, 'by a process each');
  assert.deepEqual(seen.slice(2).map(company), [0, 0, 0, 0, 0, 0], 'the last six times alone');
  assert.ok(Number(h.sql(`SELECT max(lapses) FROM claims WHERE message_id <> '${id}'`)) <= 2, 'the others are never near that');

  const { texts } = (await h.sim('/sim/v1/ledger?limit=1000')).json;
  const bodies = [...others.map((_, i) => `other ${i}`), 'a younger one to the same guest'];
  assert.deepEqual(texts.map((t) => t.body).sort(), bodies.sort(), 'each other one once, and never that one');
  await until('all others have ended well', async () => h.states().delivered === bodies.length);
  assert.equal((await h.message(younger)).state, 'delivered');

  assert.equal(h.sql(`SELECT type FROM events WHERE subject = '${id}' ORDER BY seq DESC LIMIT 1`), 'message.failed', 'webhooks tell of it');
  const lines = gateway.output.split('\n').filter((l) => l.includes('messages_parked'));
  assert.equal(lines.length, 1);
  assert.equal(JSON.parse(lines[0]).status, 'error', lines[0]);
  assert.ok(lines[0].includes(id));
  assert.equal(gateway.end, undefined, 'it lives');
  await until('and works', async () => (await h.message(await h.text(poisoned, 'Ready now.'))).state !== undefined);
});
