// texts.test.mjs - what guests are told: an account's words for each event and language, what they cost as
// they are typed, and quick replies.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ACCOUNT, each, house } from './house.mjs';
import { document } from './prism.mjs';

const HOST_KEY = 'mk_test_0000000000000000000000000002';
let h;
before(async () => {
  h = await house();
  await h.gateway();
  h.sql(`INSERT INTO api_keys (account_id, key_id, name, hash, scopes) VALUES ('${ACCOUNT}', 'key_host', 'a host',
           '${createHash('sha256').update(HOST_KEY).digest('hex')}', '{read,write}');
         UPDATE accounts SET name = 'Bella Trattoria', phone = '+12125550199'`);
});
after(() => h?.close());

const put = (to, body, options) => h.api(`/v1/templates/${to}`, { method: 'PUT', body, ...options });
const reset = (to, options) => h.api(`/v1/templates/${to}`, { method: 'DELETE', ...options });
const preview = (body) => h.api('/v1/templates/preview', { body, key: HOST_KEY });
const list = async () => (await h.api('/v1/templates', { key: HOST_KEY })).json.data;
const one = async (event, language) => (await list()).find((t) => t.event === event && t.language === language);
const audited = (action) => h.sql(`SELECT subject || ' ' || detail FROM audit_log WHERE action = '${action}' ORDER BY ordinal`);

function refused(r, param, words) {
  assert.deepEqual([r.status, r.json.code, r.json.param], [422, 'invalid_field', param], r.text);
  assert.match(r.json.detail, words);
}

test('every event has a text in every language, of one segment', async () => {
  const all = await list();
  assert.equal(all.length, 48);
  assert.ok(all.every((t) => t.is_default && t.segments === 1 && t.encoding === 'GSM-7'));
  assert.deepEqual(all.filter((t) => t.language === 'en' && !t.automatic).map((t) => t.event),
                   ['almost_ready', 'second_notice', 'not_expected']);
  const { enum: events } = document().paths['/v1/templates/preview'].post.requestBody.content['application/json'].schema.properties.event;
  assert.deepEqual(all.filter((t) => t.language === 'en').map((t) => t.event), events, 'as the document has them');
  await each(all.length, 8, async (i) => {
    const r = await put(`${all[i].event}/${all[i].language}`, JSON.stringify({ body: all[i].body }));
    assert.equal(r.status, 200, `the usual words are fit to be an account's own: ${r.text}`);
    assert.deepEqual(r.json, { ...all[i], is_default: false });
  });
  h.sql('DELETE FROM templates');
});

test('words of its own, and back', async () => {
  let r = await put('joined/es', { body: '{venue}: hola {name}, {wait}. {link} STOP' });
  assert.equal(r.status, 200, r.text);
  assert.deepEqual([r.json.body, r.json.automatic, r.json.is_default], ['{venue}: hola {name}, {wait}. {link} STOP', true, false]);
  assert.deepEqual(await one('joined', 'es'), r.json);
  r = await put('joined/es', { automatic: false });
  assert.deepEqual([r.json.body, r.json.automatic], ['{venue}: hola {name}, {wait}. {link} STOP', false], 'what is not given stays');
  assert.equal((await put('joined/es', { automatic: false })).status, 200);
  assert.equal((await put('joined/es', {})).status, 200);
  assert.equal((await one('joined', 'en')).is_default, true, 'another language is as it was');
  assert.equal(h.sql(`SELECT body FROM text_for('${ACCOUNT}', 'joined', 'es', '{"name": "Bo", "wait": "5 min", "link": "x"}')`),
               'Bella Trattoria: hola Bo, 5 min. x STOP', 'and guests are told so');
  r = await reset('joined/es');
  assert.deepEqual([r.status, r.json.is_default, r.json.automatic], [200, true, true], r.text);
  assert.equal((await reset('joined/es')).status, 200, 'again');
  assert.equal((await put('released/fr', { automatic: false })).json.body, (await one('released', 'fr')).body);
  await reset('released/fr');

  assert.equal(audited('template.changed').split('\n').at(-3), 'joined/es {"body": "changed"}');
  assert.equal(audited('template.changed').split('\n').at(-2), 'joined/es {"automatic": false}', 'once, and no words');
  assert.equal(audited('template.reset'), 'joined/es {}\nreleased/fr {}');
});

test('what cannot be a text of that event', async () => {
  refused(await put('joined/en', { body: 'Hi {name}, {hold} min, {nme}' }), 'body', /no {hold} in this text. It may have: {wait} {link} {venue} {name} {phone} {size}\./);
  refused(await put('table_ready/en', { body: 'Hi {Name}' }), 'body', /no {Name} /);
  refused(await put('table_ready/en', { body: 'Ready. Reply CANCEL to give it up.' }), 'body', /Do not ask guests to reply CANCEL/);
  refused(await put('table_ready/en', { body: 'Ready. Reply {yes} or YES.' }), 'body', /reply YES/);
  refused(await put('table_ready/fr', { body: 'Répondez CANCEL pour annuler' }), 'body', /CANCEL/);
  refused(await put('joined/en', { body: '' }), 'body', /1 to 640 characters/);
  refused(await put('joined/en', { body: 'x'.repeat(641) }), 'body', /1 to 640 characters/);
  refused(await put('joined/en', { body: '{link}'.repeat(100) }), 'body', /too long to be sent/);
  for (const to of ['nothing/en', 'joined/de']) {
    assert.equal((await put(to, { body: 'Hi' })).status, 404);
    assert.equal((await reset(to)).status, 404);
  }
  assert.equal(h.sql('SELECT count(*) FROM templates'), '0');
});

test('what a text costs shows as it is typed', async () => {
  const told = async (more) => (await preview({ event: 'table_ready', language: 'en', ...more })).json;
  let p = await told({});
  assert.deepEqual([p.segments, p.encoding, p.name_cut], [1, 'GSM-7', false]);
  assert.equal(p.text, "Bella Trattoria: Maria, your table is ready! Please see the host within 10 min. Reply 1 if you're coming, 2 for more time, 9 to give up the table.");
  assert.equal(p.characters, p.text.length);
  assert.deepEqual(p.folded, { text: p.text, encoding: 'GSM-7', segments: 1 });

  const body = '{venue}: {name}, party of {size}, your table’s ready! Reply {yes} if you are coming or {no} to give it up.';
  p = await told({ body, name: 'Ana', size: 6 });
  assert.deepEqual([p.segments, p.encoding], [2, 'UCS-2'], 'a curled quote makes it two');
  assert.deepEqual([p.folded.segments, p.folded.encoding], [1, 'GSM-7']);
  assert.match(p.folded.text, /^Bella Trattoria: Ana, party of 6, your table's ready! Reply 1 /);
  p = await told({ body: 'Listo, {name}…', name: 'José' });
  assert.deepEqual([p.text, p.folded.text, p.folded.encoding], ['Listo, José…', 'Listo, José…', 'UCS-2'], 'nothing is saved: nothing is folded');

  const long = 'Maximiliana Wolfeschlegelsteinhausen';
  p = await told({ name: long });
  assert.equal(p.segments, 1);
  assert.equal(p.name_cut, true);
  assert.match(p.text, /^Bella Trattoria: Maximiliana Wolfesc, your table is ready!.* 9 to give up the table\.$/);
  assert.equal((await told({ body: '{venue}: {name}, come in!', name: long })).name_cut, false);
  p = await told({ name: 'Ángel' }); // folded it stays whole, and texts are folded here
  assert.deepEqual([p.name_cut, p.folded.segments], [false, 1]);
  assert.match(p.folded.text, /: Angel, your table/);

  refused(await preview({ event: 'joined', language: 'en', body: '{yes}' }), 'body', /no {yes} /);
  refused(await preview({ event: 'nothing', language: 'en' }), 'event', /must be one of/);
  await put('left_noted/en', { body: 'Bye {name}' });
  assert.equal((await preview({ event: 'left_noted', language: 'en' })).json.text, 'Bye Maria', "the account's words");
  await reset('left_noted/en');
});

test('quick replies: managers write them, hosts read them', async () => {
  const make = (body, options) => h.api('/v1/quick-replies', { body, ...options });
  const made = await make({ label: 'Parking', body: 'There is parking behind the house.' });
  assert.equal(made.status, 201, made.text);
  const kept = { headers: { 'idempotency-key': 'one' } };
  const again = [await make({ label: 'Bar', body: 'Wait at the bar?' }, kept), await make({ label: 'Bar', body: 'Wait at the bar?' }, kept)];
  assert.equal(again[0].json.id, again[1].json.id);
  const replies = async () => (await h.api('/v1/quick-replies', { key: HOST_KEY })).json.data;
  assert.deepEqual((await replies()).map((q) => q.label), ['Bar', 'Parking']);
  const to = `/v1/quick-replies/${made.json.id}`;
  const changed = await h.api(to, { method: 'PATCH', body: { body: 'Parking is on 5th.' } });
  assert.deepEqual([changed.json.label, changed.json.body], ['Parking', 'Parking is on 5th.'], changed.text);
  refused(await h.api(to, { method: 'PATCH', body: { body: 'Reply STOP to leave the list' } }), 'body', /STOP/);
  refused(await make({ label: 'x'.repeat(41), body: 'x' }), 'label', /1 to 40/);
  refused(await make({ label: 'x', body: '🎉'.repeat(335) }), 'body', /too long/);
  assert.deepEqual((await h.api(to, { method: 'DELETE' })).json, { id: made.json.id, state: 'deleted' });
  for (const [method, body] of [['DELETE'], ['PATCH', { label: 'x' }]])
    assert.equal((await h.api(to, { method, body })).status, 404);
  assert.deepEqual((await replies()).map((q) => q.label), ['Bar']);
  assert.equal(audited('quick_reply.made').split('\n').length, 2);
  assert.equal(audited('quick_reply.changed'), `${made.json.id} {}`);
  assert.equal(audited('quick_reply.deleted'), `${made.json.id} {}`);

  h.sql(`INSERT INTO quick_replies (account_id, quick_reply_id, label, body)
         SELECT '${ACCOUNT}', 'qrp_' || lpad(i::text, 26, '0'), 'More', 'x' FROM generate_series(1, 48) i`);
  assert.equal((await make({ label: 'Fifty', body: 'x' })).status, 201);
  const full = await make({ label: 'Fifty-one', body: 'x' });
  assert.deepEqual([full.status, full.json.code], [409, 'conflict'], full.text);
});

test('hosts change none of it', async () => {
  const as = { key: HOST_KEY };
  for (const r of [await put('joined/en', { body: 'Hi' }, as), await reset('joined/en', as),
                   await h.api('/v1/quick-replies', { body: { label: 'x', body: 'x' }, ...as }),
                   await h.api('/v1/quick-replies/qrp_1', { method: 'PATCH', body: { label: 'x' }, ...as }),
                   await h.api('/v1/quick-replies/qrp_1', { method: 'DELETE', ...as })])
    assert.deepEqual([r.status, r.json.code], [403, 'forbidden'], r.text);
});
