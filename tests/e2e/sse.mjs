// sse.mjs - a small client of GET /v1/events on node's http, which can stop reading and be cut at any byte.
import http from 'node:http';
import { KEY, until } from './house.mjs';

/**
 * Opens a stream at a gateway: its status, headers, and events ({ id, event, data, at_ms }) as they come.
 * `after` is sent as Last-Event-ID.
 */
export function stream(url, { key = KEY, after, onEvent, headers = {}, localAddress } = {}) {
  const s = { events: [], comments: 0, last: after, text: '', error: undefined };
  s.closed = new Promise((resolve) => {
    s.request = http.get(`${url}/v1/events`, {
      agent: false, localAddress,
      headers: { authorization: `Bearer ${key}`, ...(after === undefined ? {} : { 'last-event-id': after }), ...headers },
    }, (response) => {
      s.response = response;
      s.status = response.statusCode;
      s.headers = response.headers;
      response.setEncoding('utf8');
      let rest = '';
      response.on('data', (text) => {
        if (!s.response) return;
        if (s.status !== 200) s.text += text;
        rest += text;
        for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) take(s, rest.slice(0, end), onEvent);
      });
      response.on('error', (e) => { s.error = e; }).on('close', () => { s.complete = response.complete; resolve(s); });
    });
    s.request.on('error', (e) => { s.error = e; resolve(s); }).on('close', () => resolve(s));
  });
  s.cut = () => { s.response = undefined; s.request.destroy(); };
  s.reset = () => { s.response = undefined; s.request.socket?.resetAndDestroy(); };
  s.pause = () => s.response.pause();
  s.opened = () => until('the stream is open', () => s.error || s.events.length || s.text || s.headers, 20).then(() => s);
  s.event = (what, found, seconds = 10) => until(`an event: ${what}`, () => s.events.find(found), seconds);
  return s;
}

function take(s, block, onEvent) {
  const e = { at_ms: Date.now() };
  for (const line of block.split('\n')) {
    const [, name, value] = line.match(/^([^:]*): ?(.*)$/);
    if (name === '') s.comments++;
    else e[name] = value;
  }
  if (!e.event) return;
  e.data = JSON.parse(e.data);
  if (e.id !== undefined) s.last = e.id;
  s.events.push(e);
  onEvent?.(e);
}
