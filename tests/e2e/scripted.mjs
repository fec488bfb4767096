// scripted.mjs - a carrier in Twilio's place that answers as a test says, byte by byte: what the
// simulated carriers do not do. It counts the texts it was asked to send.
import { once } from 'node:events';
import http from 'node:http';

/**
 * `send(request, response, n)` answers the n-th text (from 1); it may also break the connection.
 * Questions for texts are answered with 503 unless `look` says otherwise.
 */
export async function scripted(send, look = (_, response) => response.writeHead(503).end()) {
  const texts = [];
  const other = []; // requests to other paths: a redirection that was followed
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (d) => { body += d; }).on('end', () => {
      if (!request.url.startsWith('/2010-04-01/')) {
        other.push(request.url);
        response.writeHead(404).end();
      } else if (request.method === 'POST') {
        texts.push({ ...Object.fromEntries(new URLSearchParams(body)), connection: request.socket.remotePort });
        send(request, response, texts.length);
      } else {
        look(request, response);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    texts, other,
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Twilio's yes. */
export function accept(response, n, more = {}) {
  const body = JSON.stringify({ sid: `SM${String(n).padStart(32, '0')}`, status: 'queued', error_code: null, ...more });
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}
