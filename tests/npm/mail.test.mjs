// mail.test.mjs - `maitred check mail` against nodemailer's mail server, which is not ours: what
// arrives, how we log in, that nothing goes out unencrypted, and what each refusal comes to.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { maitred } from './tools.mjs';

const FROM = 'The Rusty Anchor <mail@texts.example.com>';
const TEMPFAIL = 75, UNAVAILABLE = 69, CONFIG = 78;
const open = new Set();
after(() => { for (const close of open) close(); });

/** A mail server that keeps what it takes. `options` are smtp-server's; logins must be anna:s3cret@. */
async function mailServer(options = {}) {
  const s = { taken: [], logins: [], sessions: 0 };
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    allowInsecureAuth: true,
    closeTimeout: 10,
    onConnect: (session, done) => { s.sessions++; done(); },
    onAuth: ({ method, username, password }, session, done) => {
      s.logins.push({ method, username, secure: session.secure });
      if (username === 'anna' && password === 's3cret@') done(null, { user: username });
      else done(Object.assign(new Error('no such login'), { responseCode: 535 }));
    },
    onData: async (stream, session, done) => {
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      s.taken.push({ envelope: session.envelope, user: session.user, text: Buffer.concat(chunks).toString() });
      done(null, 'taken over as no. 1');
    },
    ...options,
  });
  server.on('error', (error) => s.logins.push({ error: error.code })); // a client that hangs up
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  s.port = server.server.address().port;
  s.close = () => { open.delete(s.close); return new Promise((done) => { server.close(done); }); };
  open.add(s.close);
  return s;
}

/** What a mail program shows of a quoted-printable text. */
const unquoted = (text) => Buffer.from(text.replace(/=\r\n/g, '').replace(/\r\n/g, '\n')
  .replace(/=([0-9A-F]{2})/g, (all, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();

/** A server that says these lines, one for each of ours, and then hangs up or stays silent. */
async function script(lines, { hangUp = true } = {}) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    const rest = [...lines];
    sockets.add(socket);
    socket.on('error', () => {}).write(rest.shift() ?? '');
    socket.on('data', () => {
      if (rest.length) socket.write(rest.shift());
      else if (hangUp) socket.destroy();
    });
    if (!rest.length && hangUp) socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => { for (const s of sockets) s.destroy(); server.close(); };
  open.add(close);
  return { port: server.address().port, sockets };
}

async function checkMail(url, { to = 'guest@example.org', from = FROM, env = {} } = {}) {
  const child = spawn(maitred, ['check', 'mail', to], { env: { ...process.env, MAIL_URL: url, MAIL_FROM: from, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { output += data; });
  const [code] = await once(child, 'close');
  return { code, output };
}

const refuse = (responseCode, words) => Object.assign(new Error(words), { responseCode });

test('a mail arrives as it was written', async () => {
  const s = await mailServer();
  const { code, output } = await checkMail(`smtp://127.0.0.1:${s.port}`);
  assert.equal(code, 0, output);
  assert.equal(output, 'delivered: 250 taken over as no. 1\n');
  assert.equal(s.taken.length, 1);
  const [{ envelope, text }] = s.taken;
  assert.equal(envelope.mailFrom.address, 'mail@texts.example.com');
  assert.deepEqual(envelope.rcptTo.map((r) => r.address), ['guest@example.org']);
  const [head, ...body] = text.split('\r\n\r\n');
  assert.match(head, /^Date: \w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n/);
  assert.match(head, /\r\nFrom: "The Rusty Anchor"\r\n <mail@texts\.example\.com>\r\nTo: guest@example\.org\r\n/);
  assert.match(head, /\r\nMessage-ID: <mai_\w{26}@texts\.example\.com>\r\n/);
  assert.equal(unquoted(body.join('\r\n\r\n')), `This is a test of maitred's mail, asked for on its command line.

When you read this, the settings MAIL_URL and MAIL_FROM are right. The next lines begin with one dot and with two; \
the last shows letters of other languages.
.
..two
From Zoë: table für vier, 席, 🎉 = ready
`);
  await s.close();
});

test('it logs in', async () => {
  const s = await mailServer({ authOptional: false });
  const { code, output } = await checkMail(`smtp://anna:s3cret%40@localhost:${s.port}`);
  assert.equal(code, 0, output);
  assert.equal(s.taken[0].user, 'anna');
  await s.close();
});

test('a login that is refused is a matter for later, and is not told', async () => {
  const s = await mailServer({ authOptional: false });
  const { code, output } = await checkMail(`smtp://anna:wrong-s3cret@127.0.0.1:${s.port}`);
  assert.equal(code, TEMPFAIL, output);
  assert.match(output, /it may work later: 535 /);
  assert.doesNotMatch(output, /s3cret/);
  const without = await checkMail(`smtp://127.0.0.1:${s.port}`);
  assert.equal(without.code, TEMPFAIL, without.output);
  assert.match(without.output, /530 /);
  assert.equal(s.taken.length, 0);
  await s.close();
});

// what the server says at each step, and what that comes to
const answers = [
  ['RCPT, 5xx', { onRcptTo: (a, s, done) => done(refuse(550, 'no such user')) }, UNAVAILABLE, /refused: 550 .*no such user/],
  ['RCPT, 4xx', { onRcptTo: (a, s, done) => done(refuse(450, 'mailbox busy')) }, TEMPFAIL, /later: 450 .*mailbox busy/],
  ['MAIL, 5xx', { onMailFrom: (a, s, done) => done(refuse(550, 'not from you')) }, TEMPFAIL, /later: 550 .*not from you/],
  ['MAIL, 4xx', { onMailFrom: (a, s, done) => done(refuse(451, 'not now')) }, TEMPFAIL, /later: 451 /],
  ['text, 5xx', { onData: (d, s, done) => { d.resume(); d.on('end', () => done(refuse(554, 'spam'))); } }, UNAVAILABLE, /refused: 554 .*spam/],
  ['text, 4xx', { onData: (d, s, done) => { d.resume(); d.on('end', () => done(refuse(452, 'disk full'))); } }, TEMPFAIL, /later: 452 /],
  ['greeting, 5xx', { onConnect: (s, done) => done(refuse(554, 'not you')) }, TEMPFAIL, /later: 554 /],
  ['greeting, 4xx', { onConnect: (s, done) => done(refuse(421, 'too many')) }, TEMPFAIL, /later: 421 /],
];
for (const [name, options, status, words] of answers) {
  test(`${name}`, async () => {
    const s = await mailServer(options);
    const { code, output } = await checkMail(`smtp://127.0.0.1:${s.port}`);
    assert.equal(code, status, output);
    assert.match(output, words);
    await s.close();
  });
}

test('a server that is gone, hangs up or is none is a matter for later', async () => {
  const gone = await mailServer();
  await gone.close();
  const servers = [
    gone,
    await script([]),
    await script(['220 hello\r\n']),
    await script(['220 hello\r\n', '250 hello\r\n']),
    await script(['220 hello\r\n', '250 hello\r\n', '250 ok\r\n', '250 ok\r\n', '354 go on\r\n']),
    await script(['HTTP/1.1 400 Bad Request\r\n\r\n']),
    await script(['550 \x1b[31mred\x00\r\n']),
  ];
  for (const { port } of servers) {
    const { code, output } = await checkMail(`smtp://127.0.0.1:${port}`);
    assert.equal(code, TEMPFAIL, output);
    assert.match(output, /^maitred check: not delivered, but it may work later: [ -~]+\n$/);
  }
});

test('without TLS nothing is said to a server elsewhere', async () => {
  const bare = await mailServer({ disabledCommands: ['STARTTLS'] });
  const stranger = await mailServer(); // its certificate is its own
  for (const s of [bare, stranger]) {
    const { code, output } = await checkMail(`smtp://anna:s3cret%40@mail.localhost:${s.port}`);
    assert.equal(code, TEMPFAIL, output);
    assert.equal(s.taken.length, 0);
    assert.equal(s.logins.filter((l) => l.username).length, 0);
  }
  assert.equal(bare.sessions, 1, 'it was reached');
  await bare.close();
  await stranger.close();
});

test('a certificate that nobody signed is refused', async () => {
  const s = await mailServer({ secure: true });
  for (const host of ['127.0.0.1', 'localhost', 'mail.localhost']) {
    const { code, output } = await checkMail(`smtps://anna:s3cret%40@${host}:${s.port}`);
    assert.equal(code, TEMPFAIL, output);
    assert.match(output, /certificate/);
  }
  assert.equal(s.taken.length, 0);
  assert.equal(s.logins.filter((l) => l.username).length, 0);
  await s.close();
});

test('a proxy in the environment does not get our mail', async () => {
  const s = await mailServer();
  const proxy = await script([]);
  const url = `http://127.0.0.1:${proxy.port}`;
  const { code, output } = await checkMail(`smtp://127.0.0.1:${s.port}`, { env: { all_proxy: url, ALL_PROXY: url, smtp_proxy: url } });
  assert.equal(code, 0, output);
  assert.equal(proxy.sockets.size, 0);
  await s.close();
});

test('in development it goes to a folder', async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'mail-')), 'out');
  const { code, output } = await checkMail(`file://${folder}`);
  assert.equal(code, 0, output);
  const files = await readdir(folder);
  assert.match(files.join(), /^mai_\w{26}\.eml$/);
  assert.equal((await stat(path.join(folder, files[0]))).mode & 0o777, 0o600);
  assert.match(await readFile(path.join(folder, files[0]), 'utf8'), /\r\nTo: guest@example\.org\r\n/);
});

test('settings that cannot work are told', async () => {
  for (const [url, from, words] of [
    ['', FROM, /MAIL_URL is missing/],
    ['smtp://127.0.0.1', '', /MAIL_FROM is missing/],
    ['http://127.0.0.1', FROM, /smtp:\/\//],
    ['smtp://127.0.0.1', 'Maitred', /not an e-mail address/],
  ]) {
    const { code, output } = await checkMail(url, { from });
    assert.equal(code, CONFIG, output);
    assert.match(output, words);
  }
});
