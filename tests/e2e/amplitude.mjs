// amplitude.mjs - an Amplitude in the test's own process, over real HTTP, with the limits and refusals of its HTTP V2 API.
import { once } from 'node:events';
import http from 'node:http';

export const API_KEY = 'amplitude-key-of-a-test';
const FORBIDDEN = /^(anonymous|nil|none|null|n\/a|na|undefined|unknown|lmy47d|0|-1|\{\}|)$/i;

export async function amplitude() {
  const events = []; // ingested, once for each insert_id
  const requests = []; // {at, events, status}
  let faults = [];
  let open = 0, most = 0;

  function judge(body) {
    if (body.api_key !== API_KEY) return [400, { code: 400, error: 'Invalid API key: x' }];
    if (!Array.isArray(body.events)) return [400, { code: 400, error: 'Request missing required field', missing_field: 'events' }];
    const invalid = {}, missing = {};
    const wrong = (list, field, i) => (list[field] ??= []).push(i);
    body.events.forEach((e, i) => {
      if (!e.event_type) wrong(missing, 'event_type', i);
      if (!e.user_id && !e.device_id) wrong(missing, 'user_id', i);
      const id = e.user_id ?? e.device_id;
      if (id && (id.length < (body.options?.min_id_length ?? 5) || FORBIDDEN.test(id))) wrong(invalid, e.user_id ? 'user_id' : 'device_id', i);
      if (!Number.isInteger(e.time)) wrong(invalid, 'time', i);
      for (const [k, v] of Object.entries(e)) if (typeof v === 'string' && v.length > 1024) wrong(invalid, k, i);
    });
    if (Object.keys(invalid).length || Object.keys(missing).length)
      return [400, { code: 400, error: 'Request missing required field', events_with_invalid_fields: invalid, events_with_missing_fields: missing }];
    return [200, { code: 200, events_ingested: body.events.length, payload_size_bytes: JSON.stringify(body).length, server_upload_time: Date.now() }];
  }

  const server = http.createServer((request, response) => {
    most = Math.max(most, ++open);
    response.on('close', () => { open--; });
    const chunks = [];
    request.on('data', (d) => chunks.push(d)).on('end', () => {
      const text = Buffer.concat(chunks).toString();
      if (request.method !== 'POST' || request.url !== '/2/httpapi' || request.headers['content-type'] !== 'application/json')
        return response.writeHead(404).end();
      const body = JSON.parse(text);
      let [status, answer] = text.length > 1e6 || body.events?.length > 2000 ? [413, { code: 413, error: 'Payload too large' }] : judge(body);
      const fault = faults.find((f) => (f.when?.(body) ?? true) && f.times-- > 0);
      const ingest = () => {
        for (const e of body.events) if (!events.some((x) => x.insert_id === e.insert_id)) events.push(e);
      };
      if (fault) [status, answer] = [fault.status, typeof fault.answer === 'function' ? fault.answer(body) : fault.answer ?? { code: fault.status, error: 'x' }];
      requests.push({ at: Date.now(), events: body.events, status, text });
      if (status === 200 || fault?.taken) ingest();
      if (fault && !fault.status) return; // no answer
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    events, requests,
    url: `http://127.0.0.1:${server.address().port}`,
    most: () => most,
    env() { return { AMPLITUDE_API_KEY: API_KEY, AMPLITUDE_BASE_URL: this.url, DD_VERSION: 'v42' }; },
    /** {times, when(body), status (none: no answer), answer, taken} */
    faults(...list) { faults = list.map((f) => ({ times: 1, ...f })); },
    forget() { events.length = 0; requests.length = 0; faults = []; },
    close() { server.closeAllConnections(); server.close(); },
  };
}
