// restore.test.mjs - the drill: a backup in the middle of the evening, an hour's worth of what happens after
// it, the database is gone, the backup comes back. Nothing is texted twice, who was erased stays erased, who
// said STOP is not texted, and what had not been sent goes out.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, utimesSync,
         writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { TELNYX_NUMBER, TWILIO_NUMBER, guest, house, maitred, until } from './house.mjs';

let h, gateway, folder, key, recipient;
before(async () => {
  h = await house({ prism: false });
  folder = mkdtempSync(path.join(tmpdir(), 'backups-')); // not in the folder that will be gone
  gateway = await h.gateway();
});
after(async () => {
  await h?.close();
  rmSync(folder, { recursive: true });
});

const ran = new Set(); // as the documentation writes it
function run(...args) {
  const names = { [folder]: '"$FOLDER"', [recipient]: '"$RECIPIENT"', [key]: 'key.txt' };
  ran.add(['maitred', ...args].map((a) => names[a] ?? (a.includes('.dump') ? '"$BACKUP"' : path.basename(a))).join(' '));
  return spawnSync(maitred, args, { env: { ...process.env, ...h.env }, encoding: 'utf8' });
}
const well = (...args) => {
  const r = run(...args);
  assert.equal(r.status, 0, `${args.join(' ')}: ${r.stderr}`);
  return r.stdout;
};
const backups = () => readdirSync(folder).filter((f) => f.includes('.dump')).sort();
const theirs = async (i) => (await h.sim(`/sim/v1/ledger?to=${guest(i).slice(1)}`)).json.texts
  .filter((t) => t.direction !== 'by_carrier' && !['failed', 'undelivered'].includes(t.status));
const bodies = async (i) => (await theirs(i)).map((t) => t.body);
async function done(route, body = {}) {
  const r = await h.api(route, { body });
  assert.ok(r.status < 300, `${route}: ${r.status} ${r.text}`);
  return r.json;
}
async function says(i, body, provider = 'twilio') {
  const to = provider === 'twilio' ? TWILIO_NUMBER : TELNYX_NUMBER;
  const r = await h.sim('/sim/v1/replies', { body: { from: guest(i), to, provider, body, wait: true } });
  assert.equal(r.status, 200, r.text);
}
const find = (i) => h.api('/v1/guests/find', { body: { phone: guest(i) } });
const consent = async (i) => {
  return (await h.api(`/v1/conversations/${(await find(i)).json.id}/consent`)).json;
};
const sent = (i, n) => until(`guest ${i} has ${n} texts`, async () => (await theirs(i)).length >= n);
const add = async (i, name, more = {}) =>
  (await done('/v1/parties', { name, size: 2, phone: guest(i), text: false, ...more })).party;
const fresh = () => { // another server: it has not even the role
  h.postgres('drop', h.dir);
  h.postgres('start', h.dir);
};
const emptied = () => {
  const url = new URL(h.postgres('url', h.dir, 'postgres').replace('///', '//localhost/'));
  const env = { ...process.env, PGHOST: url.searchParams.get('host'), PGUSER: 'postgres' };
  for (const command of ['dropdb --if-exists --force maitred', 'createdb --owner maitred maitred']) {
    ran.add(command);
    execFileSync('sh', ['-c', command], { env });
  }
};

/** The minute and a bit in which a text from before a restore may still leave a carrier is over. */
const later = () => h.sql(`UPDATE epoch SET restored_at = restored_at - interval '70 seconds';
  UPDATE attempts SET dead_at = dead_at - interval '70 seconds' WHERE state IN ('intent', 'ambiguous');
  UPDATE queue SET due_at = now()`);

const QUEUED = [1, 2, 3, 4, 5, 6]; // in the backup these are still to be sent
const [LATER, REMINDED, STOPPED, TOLD, ERASED, REPLIED, OTHER] = [11, 12, 13, 14, 15, 16, 17];

test('a backup while both carriers are out: what waits is in it', async () => {
  for (const i of [LATER, STOPPED, TOLD, ERASED, REPLIED]) await h.text(guest(i), `Before, ${i}.`);
  for (const i of [LATER, STOPPED, TOLD, ERASED, REPLIED]) await sent(i, 1);
  await says(ERASED, 'a window please');
  await until('it is in the thread', () => h.sql("SELECT 1 FROM messages WHERE body = 'a window please'") === '1');
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'refuse' });
  for (const i of QUEUED) await h.text(guest(i), `Table ${i} is ready.`);
  const party = await add(REPLIED, 'Replies');
  await done(`/v1/parties/${party.id}/notify`);
  const waits = await h.text(guest(LATER), 'Only after the restore.');
  await until('it waits', () => h.sql(`UPDATE queue SET due_at = now() + interval '1 hour'
    WHERE message_id = '${waits}' AND claimed_by IS NULL RETURNING 1`) === '1');
  // a reminder of a day before, which is due in 5 seconds
  const booking = (await done('/v1/bookings', { name: 'Bea', size: 4, phone: guest(REMINDED), text: false,
                                                starts_at: new Date(Date.now() + 26 * 3600_000).toISOString() })).booking;
  h.sql(`UPDATE bookings SET remind_at = now() + interval '5 seconds' WHERE booking_id = '${booking.id}'`);
  assert.match(well('backup', folder), /maitred-\d{8}T\d{6}Z\.dump: \d+ bytes; 0 deleted/);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(path.join(folder, backups()[0])).mode & 0o777, 0o600);
});

test('then the evening goes on, and is forgotten', async () => {
  await h.heal();
  for (const i of QUEUED) await sent(i, 1);
  await sent(REPLIED, 2);
  await sent(REMINDED, 1);
  await h.faults('twilio', { kind: 'refuse' });
  await h.text(guest(LATER), 'Other words, by Telnyx, that the backup does not know.');
  await sent(LATER, 2);
  await h.heal();
  await h.text(guest(OTHER), 'A guest whom the backup does not know.');
  await sent(OTHER, 1);
  await says(REPLIED, '1');
  await until('coming', () => h.sql("SELECT state FROM parties WHERE name = 'Replies'") === 'coming');
  await says(STOPPED, 'STOP', 'telnyx');
  await until('it is known', () => h.sql(`SELECT 1 FROM conversations WHERE phone = '${guest(STOPPED)}' AND opted_out_at IS NOT NULL`) === '1');
  const told = (await find(TOLD)).json;
  await h.api(`/v1/conversations/${told.id}/consent`, { body: { action: 'stop', words: 'told the host' } });
  await says(ERASED, 'and a high chair');
  await until('it is there', () => h.sql("SELECT 1 FROM messages WHERE body = 'and a high chair'") === '1');
  const erased = (await find(ERASED)).json;
  assert.equal((await h.api(`/v1/guests/${erased.id}/erase`, { method: 'POST' })).status, 200);
  well('backup', folder, '--wishes');
  assert.equal(backups().length, 1);
  const wishes = readFileSync(path.join(folder, 'wishes.txt'), 'utf8');
  for (const i of [STOPPED, TOLD, ERASED]) assert.ok(!wishes.includes(guest(i).slice(-7)), 'no number in it');
  await until('nothing is queued but what comes later', () => h.sql('SELECT count(*) FROM queue') === '1', 90);
  await gateway.stop('SIGKILL');
});

test('the backup comes back: nothing twice, nothing to who said STOP, nobody who was erased', async () => {
  const before = {};
  for (const i of [...QUEUED, REMINDED, STOPPED, TOLD, ERASED, REPLIED, OTHER, LATER]) before[i] = await bodies(i);
  fresh();
  const said = well('restore', path.join(folder, backups()[0]));
  assert.match(said, /is restored\. What was done since 20\S+Z is forgotten; \d+ messages are in the queue\.\n/);
  assert.match(said, /[1-9]\d* of \d+ wishes were forgotten, and hold again\./);
  later();
  gateway = await h.gateway();
  await until('all is decided', () => h.sql(`SELECT count(*) FROM queue`) === '0'
    && h.sql("SELECT count(*) FROM messages WHERE kind = 'reminder'") === '1', 90);
  for (const i of [...QUEUED, REMINDED, STOPPED, TOLD, ERASED, REPLIED, OTHER])
    assert.deepEqual((await bodies(i)).sort(), before[i].sort(), `guest ${i}`);
  assert.deepEqual((await bodies(LATER)).filter((b) => b.startsWith('Only')), ['Only after the restore.']);
  // what had been sent is known to be sent, and how that was found
  const [id] = h.sql("SELECT message_id FROM messages WHERE body = 'Table 1 is ready.'").split('\n');
  const m = await h.message(id);
  assert.equal(m.state, 'sent');
  assert.match(m.timeline.map((t) => t.text).join('\n'), /Asked for it, (Twilio|Telnyx) says that it has it\./);
  // what guests wrote meanwhile is there again: carriers are compared a minute after they last were
  await until('coming', () => h.sql("SELECT state FROM parties WHERE name = 'Replies'") === 'coming', 100);
  for (const i of [STOPPED, TOLD]) {
    assert.equal((await consent(i)).state, 'stopped');
    const r = await h.api('/v1/messages', { body: { to: guest(i), body: 'Are you there?' } });
    assert.equal(r.status, 409, r.text);
  }
  assert.equal((await consent(TOLD)).via, 'staff');
  assert.equal((await find(ERASED)).status, 404);
  assert.equal(h.sql("SELECT count(*) FROM messages WHERE body IN ('a window please', 'and a high chair')"), '0');
});

test('until a carrier has told what guests wrote meanwhile, nothing is sent; an operator may let it go', async () => {
  await gateway.stop();
  well('backup', folder);
  fresh();
  well('restore', path.join(folder, backups().at(-1)));
  later();
  h.sql("UPDATE heard SET until = until - interval '1 hour'");
  await h.faults('telnyx', { kind: 'status', http_status: 500, on: 'all' });
  gateway = await h.gateway();
  const id = await h.text(guest(30), 'Waits.');
  await until('it says why', () => /carriers are asked what guests wrote meanwhile/
    .test(h.sql(`SELECT why FROM queue WHERE message_id = '${id}'`)));
  assert.match(well('restore', '--trust'), /Texts go, although a carrier has not told/);
  assert.match(well('restore', '--trust'), /Nothing waits/);
  await h.heal();
  await sent(30, 1);
});

test('after an hour the past is over: a text is sent without asking', async () => {
  h.sql("UPDATE epoch SET restored_at = restored_at - interval '2 hours', lost_from = lost_from - interval '2 hours'");
  const id = await h.text(guest(31), 'As ever.');
  await sent(31, 1);
  assert.equal(h.sql(`SELECT count(*) FROM attempts WHERE message_id = '${id}'`), '1');
});

test('encrypted, and read with the key only', () => {
  key = path.join(folder, 'key.txt');
  execFileSync('age-keygen', ['-o', key], { stdio: 'ignore' });
  recipient = readFileSync(key, 'utf8').match(/public key: (\S+)/)[1];
  const there = backups();
  well('backup', folder, '--encrypt-to', recipient);
  const [file] = backups().filter((f) => !there.includes(f));
  assert.match(file, /\.dump\.age$/);
  const whole = path.join(folder, file);
  assert.ok(!readFileSync(whole).includes('PGDMP'));
  emptied();
  const r = run('restore', whole);
  assert.deepEqual([r.status, r.stderr], [64, 'maitred restore: It is encrypted: give the key with --identity FILE.\n']);
  well('restore', whole, '--identity', key);
  assert.equal(h.sql("SELECT count(*) FROM messages WHERE body = 'As ever.'"), '1');
  copyFileSync(whole, `${whole}.cut`);
  truncateSync(`${whole}.cut`, statSync(whole).size - 100);
  emptied();
  assert.equal(run('restore', `${whole}.cut`, '--identity', key, '--wishes', path.join(folder, 'wishes.txt')).status, 69);
  assert.equal(h.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), '0', 'all of it, or nothing');
});

test('what is older than a week goes, and nothing that is not a backup', () => {
  well('restore', path.join(folder, backups()[0]));
  for (const name of ['maitred-20200101T000000Z.dump', 'maitred-20200102T000000Z.dump.age', 'maitred-20200103T000000Z.dump.mine', 'notes'])
    writeFileSync(path.join(folder, name), 'x');
  utimesSync(path.join(folder, 'notes'), 0, 0);
  assert.match(well('backup', folder, '--keep', '1'), /; 2 deleted that were older than 1 days/);
  assert.ok(readdirSync(folder).includes('notes') && readdirSync(folder).includes('maitred-20200103T000000Z.dump.mine'));
});

test('brought back in another way: all the rest is done', async () => {
  writeFileSync(path.join(folder, 'kept.txt'), well('wishes'));
  assert.match(readFileSync(path.join(folder, 'kept.txt'), 'utf8'), / erased staff\n/);
  h.sql('UPDATE epoch SET restored_at = NULL');
  ran.add('maitred wishes > wishes.txt');
  copyFileSync(path.join(folder, 'kept.txt'), path.join(folder, 'wishes.txt'));
  assert.match(well('restore', '--already', '--wishes', path.join(folder, 'wishes.txt')), /^The database is restored\. What/);
  assert.equal(h.sql('SELECT count(*) FROM epoch WHERE restored_at IS NOT NULL'), '1');
  assert.equal(h.sql('SELECT count(*) FROM sessions WHERE ended_at IS NULL'), '0');
});

test('each command of docs/restore.md was run here', () => {
  const page = readFileSync('docs/restore.md', 'utf8');
  const commands = [...page.matchAll(/```sh\n([^]*?)```/g)].flatMap((m) => m[1].trim().split('\n').map((l) => l.trim()));
  assert.ok(commands.length > 7);
  for (const c of commands.filter((line) => !line.startsWith('grep'))) assert.ok(ran.has(c), `${c}\n${[...ran].join('\n')}`);
  assert.ok(readFileSync('tests/e2e/privacy.test.mjs', 'utf8').includes("run(['--replay', '-'], log)"), 'the line with grep');
});

test('a mistake is one sentence, and nothing is touched', () => {
  const some = path.join(folder, backups()[0]);
  for (const [args, status, words] of [
    [['restore', some], 69, /The database is not empty: restore into a new one/],
    [['restore', '/nowhere/x.dump'], 66, /\/nowhere\/x\.dump cannot be read/],
    [['restore', some, '--wishes', '/nowhere'], 66, /erased guests come back/],
    [['restore', some, '--wishes', 'x', '--no-wishes'], 64, /It takes one backup/],
    [['restore'], 64, /It takes one backup/],
    [['restore', '--already'], 64, /It takes one backup/],
    [['restore', some, '--already', '--no-wishes'], 64, /It takes one backup/],
    [['restore', '--what'], 64, /It takes one backup/],
    [['backup'], 64, /It takes one folder/],
    [['backup', folder, '--keep', '0'], 64, /1 to 3650/],
    [['backup', '/dev/null'], 73, /cannot be written/],
  ]) {
    const r = run(...args);
    assert.equal(r.status, status, `${args.join(' ')}: ${r.stderr}`);
    assert.match(r.stderr, words);
  }
  const unread = spawnSync(maitred, ['backup', folder], { encoding: 'utf8',
    env: { ...process.env, ...h.env, DATABASE_URL: 'host=x password=pass word' } });
  assert.equal(unread.status, 78);
  assert.match(unread.stderr, /^maitred backup: DATABASE_URL is no URL/);
  assert.ok(!/pass|word/.test(unread.stderr), unread.stderr);
  const gone = spawnSync(maitred, ['backup', folder], { encoding: 'utf8',
    env: { ...process.env, ...h.env, DATABASE_URL: 'postgresql://127.0.0.1:1/x' } });
  assert.equal(gone.status, 69);
  assert.deepEqual(readdirSync(folder).filter((f) => f.endsWith('.part') && statSync(path.join(folder, f)).size), []);
});
