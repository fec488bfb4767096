// recurly.test.mjs - the simulated Recurly of tests/e2e answers as the real one: its official client understands it,
// and its answers fit the document that comes with that client.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import yaml from 'js-yaml';
import recurlyClient from 'recurly';
import { API_KEY, recurly } from '../e2e/recurly.mjs';

const document = yaml.load(readFileSync(fileURLToPath(import.meta.resolve('recurly').replace('lib/recurly.js', 'openapi/api.yaml')), 'utf8'));
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.removeKeyword('pattern'); // there they stand between slashes
ajv.addSchema(document, 'recurly');
const fits = (name, value) => {
  const check = ajv.compile({ $ref: `recurly#/components/schemas/${name}` });
  // OpenAPI 3.0 has no null: what is null is as good as absent
  const full = JSON.parse(JSON.stringify(value), (_, v) => (v === null ? undefined : v));
  assert.ok(check(full), `${name}: ${ajv.errorsText(check.errors)}`);
};

let r, client;
const bodies = [];
before(async () => {
  r = await recurly();
  const plain = new recurlyClient.DefaultHttpAdapter();
  class Here extends recurlyClient.HttpAdapter { // the official client, but for where it goes
    async execute(method, url, headers, body) {
      const answer = await plain.execute(method, url.replace('https://v3.recurly.com', r.url), headers, body);
      bodies.push(JSON.parse(answer.body.toString()));
      return answer;
    }
  }
  client = new recurlyClient.Client(API_KEY, { httpAdapter: new Here() });
  r.set('acc_1', 'canceled', { canceled_at: Date.now() }).invoices = [{ id: 'inv1', state: 'past_due', due_at: Date.now() }];
});
after(() => r?.close());

const each = async (pager) => {
  const all = [];
  for await (const x of pager.each()) all.push(x);
  return all;
};

test('accounts, subscriptions and invoices', async () => {
  const account = await client.getAccount('code-acc_1');
  assert.equal(account.code, 'acc_1');
  assert.equal(account.hasPastDueInvoice, true);
  assert.equal(account.hostedLoginToken, 'tok3nOfTheAccount');
  fits('Account', bodies.at(-1));
  const [subscription] = await each(client.listAccountSubscriptions('code-acc_1', { params: { limit: 50, sort: 'created_at', order: 'desc' } }));
  assert.equal(subscription.state, 'canceled');
  assert.ok(subscription.currentPeriodEndsAt > new Date());
  fits('SubscriptionList', bodies.at(-1));
  const [invoice] = await each(client.listAccountInvoices('code-acc_1', { params: { state: 'past_due' } }));
  assert.equal(invoice.state, 'past_due');
  fits('InvoiceList', bodies.at(-1));
});

test('usage is made, and found again', async () => {
  const { id } = r.accounts.get('acc_1').subscriptions[0];
  const at = new Date();
  const made = await client.createUsage(id, 'code-sms', { merchantTag: 'acc_1-2026-01-01-1', amount: -3, usageTimestamp: at, recordingTimestamp: at });
  assert.deepEqual([made.amount, made.merchantTag], [-3, 'acc_1-2026-01-01-1']);
  fits('Usage', bodies.at(-1));
  fits('UsageCreate', r.asked.at(-1).body);
  const found = await each(client.listUsage(id, 'code-sms', { params: { sort: 'usage_timestamp', billingStatus: 'all',
    beginTime: new Date(+at - 1000), endTime: new Date(+at + 1000) } }));
  assert.deepEqual(found.map((u) => u.id), [made.id]);
  fits('UsageList', bodies.at(-1));
});

test('what is refused is refused as there', async () => {
  await assert.rejects(client.getAccount('code-nobody'), recurlyClient.errors.NotFoundError);
  fits('Error', bodies.at(-1).error);
  await assert.rejects(new recurlyClient.Client('wrong', { httpAdapter: client._httpAdapter }).getAccount('code-acc_1'),
    recurlyClient.errors.UnauthorizedError);
  fits('Error', bodies.at(-1).error);
  const { id } = r.accounts.get('acc_1').subscriptions[0];
  await assert.rejects(client.createUsage(id, 'code-sms', { amount: 1, usageTimestamp: new Date(0) }), recurlyClient.errors.ValidationError);
  r.faults({ match: /./, before: true, status: 429, type: 'rate_limited', headers: { 'x-ratelimit-reset': '1' } });
  await assert.rejects(client.getAccount('code-acc_1'), recurlyClient.errors.RateLimitedError);
});

test('the addresses and parameters that we use are in the document', () => {
  const of = (path) => document.paths[path].get.parameters.map((p) => p.$ref.split('/').pop())
    .map((n) => document.components.parameters[n].name);
  assert.ok(['limit', 'order', 'sort'].every((n) => of('/accounts/{account_id}/subscriptions').includes(n)));
  assert.ok(['limit', 'order', 'sort', 'state'].every((n) => of('/accounts/{account_id}/invoices').includes(n)));
  const usage = '/subscriptions/{subscription_id}/add_ons/{add_on_id}/usage';
  assert.ok(['limit', 'order', 'sort', 'begin_time', 'end_time', 'billing_status'].every((n) => of(usage).includes(n)));
  assert.ok(document.components.schemas.BillingStatusEnum.enum.includes('all'));
  assert.ok(document.components.schemas.InvoiceStateEnum.enum.includes('past_due'));
});
