// tools.mjs - what the tests in this folder share: a server that keeps what it is sent, our command
// line, chance that can be repeated, and the official clients, pointed at the simulated carriers.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Telnyx from 'telnyx';
import twilio from 'twilio';
import RequestClient from 'twilio/lib/base/RequestClient.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const maitred = process.env.MAITRED ?? path.join(root, 'build/san/maitred');

/**
 * An HTTP server for webhooks. `answer`, which tests may replace, is given each request and returns
 * a status, or { status, type, body }.
 */
export async function receiver(port = 0) {
  const r = { requests: [], answer: () => 200 };
  const server = createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const request = {
      method: req.method, path: req.url, url: r.url + req.url, headers: req.headers,
      body: Buffer.concat(chunks).toString(),
    };
    r.requests.push(request);
    const answer = await r.answer(request);
    const { status, type = 'text/plain', body = '' } = typeof answer === 'number' ? { status: answer } : answer;
    res.writeHead(status, { 'content-type': type }).end(body);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  r.url = `http://127.0.0.1:${server.address().port}`;
  /** The requests whose path begins so, in the order in which they came. */
  r.at = (start) => r.requests.filter((q) => q.path.startsWith(start));
  r.close = () => { server.closeAllConnections(); server.close(); };
  return r;
}

/** `maitred check webhook`: true, false, or an error when it is neither. */
export async function checkWebhook({ carrier, url, secrets, headers, body = '', method, now }) {
  const args = ['check', 'webhook', '--carrier', carrier, '--url', url];
  for (const secret of secrets) args.push('--secret', secret);
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  if (method) args.push('--method', method);
  if (now !== undefined) args.push('--now', String(now));
  const child = spawn(maitred, args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { output += data; });
  child.stdin.on('error', () => {}).end(body);
  const [code] = await once(child, 'close');
  if (code === 0 && output.startsWith('valid: ')) return true;
  if (code === 1 && output.startsWith('invalid: ')) return false;
  throw new Error(`${args.join(' ')}: exit ${code}\n${output}`);
}

/** Numbers that are the same for the same seed: chance(n) is in 0..n-1. */
export function chance(seed) {
  let state = seed >>> 0;
  return (n) => { // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) % n;
  };
}

/** Twilio's client; only the host of its requests is another. */
export function twilioClient(h, { token = h.credentials.TWILIO_AUTH_TOKEN, ...options } = {}) {
  class Redirected extends RequestClient {
    request(o) {
      return super.request({ ...o, uri: o.uri.replace('https://api.twilio.com', h.twilioUrl) });
    }
  }
  return twilio(h.credentials.TWILIO_ACCOUNT_SID, token, { httpClient: new Redirected(options) });
}

/** Telnyx's client. It tries again by itself unless told not to. */
export const telnyxClient = (h, options = {}) => new Telnyx({
  apiKey: h.credentials.TELNYX_API_KEY, publicKey: h.credentials.TELNYX_PUBLIC_KEY,
  baseURL: `${h.telnyxUrl}/v2`, maxRetries: 0, ...options,
});
