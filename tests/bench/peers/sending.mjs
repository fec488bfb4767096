// sending.mjs - what both queues on PostgreSQL share: POST /v1/messages, which answers once a job is committed,
// and the job itself, which posts the text to the carrier and records what the carrier calls it.
import Fastify from 'fastify';
import pg from 'pg';
import { Pool } from 'undici';

const [socket, carrier, schema] = process.argv.slice(2);
const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const LOGIN = Buffer.from(`${ACCOUNT}:0123456789abcdef0123456789abcdef`).toString('base64');

export const SCHEMA = schema;
export const connection = { host: socket, user: 'maitred', database: 'maitred' };

export function poolOf(max) {
	return new pg.Pool({ ...connection, max });
}

export async function prepare(pool) {
	await pool.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
	await pool.query(`CREATE TABLE IF NOT EXISTS ${schema}.sent (
		sid text PRIMARY KEY, phone text NOT NULL, at timestamptz NOT NULL DEFAULT now())`);
}

const client = new Pool(`http://127.0.0.1:${carrier}`, { connections: 200, pipelining: 1 });

export async function send(pool, { to, body }) {
	const answer = await client.request({
		method: 'POST',
		path: `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
		headers: { authorization: `Basic ${LOGIN}`, 'content-type': 'application/x-www-form-urlencoded' },
		body: new URLSearchParams({ To: to, From: '+13125550002', Body: body }).toString(),
	});
	const { sid } = await answer.body.json();
	if (answer.statusCode !== 201)
		throw new Error(`the carrier said ${answer.statusCode}`);
	await pool.query({ name: 'sent', text: `INSERT INTO ${schema}.sent (sid, phone) VALUES ($1, $2)`,
		values: [sid, to] });
}

export async function serve(add) {
	const app = Fastify({ logger: false, keepAliveTimeout: 120000 });
	const schemaOf = { type: 'object', required: ['to', 'body'],
		properties: { to: { type: 'string' }, body: { type: 'string' } } };
	app.post('/v1/messages', { schema: { body: schemaOf } }, async (request, reply) => {
		const id = await add(request.body);
		reply.code(202);
		return { id, state: 'queued' };
	});
	await app.listen({ host: '127.0.0.1', port: 0 });
	console.log(`port ${app.server.address().port}`);
}
