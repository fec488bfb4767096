// front.mjs - what stands before the gateways in production too: a router. It passes a connection on
// to a gateway that is ready, and breaks it when that gateway breaks.
import http from 'node:http';
import net from 'node:net';

const LOOK_EVERY_MS = 200;
const LOOK_TIMEOUT_MS = 700;

/** GET /readyz, as a router asks it. */
function ready(port) {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: LOOK_TIMEOUT_MS },
                             (answer) => { answer.resume(); resolve(answer.statusCode === 200); });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}

/** Knows which of `ports` are ready. */
export function lookout(ports) {
  const state = new Map(ports.map((port) => [port, false]));
  let turn = 0, stopped = false;

  const watch = async (port) => {
    while (!stopped) {
      state.set(port, await ready(port));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  for (const port of ports) watch(port);
  return {
    ready: (port) => state.get(port),
    all: () => ports.filter((port) => state.get(port)),
    next() {
      const all = this.all();
      return all[turn++ % all.length];
    },
    stop: () => { stopped = true; },
  };
}

/** Listens on `port` (0: any) and passes connections on. */
export async function front(look, port) {
  const open = new Set();
  const server = net.createServer((client) => {
    const to = look.next();
    if (!to) {
      client.destroy();
      return;
    }
    const gateway = net.connect(to, '127.0.0.1');
    for (const [one, other] of [[client, gateway], [gateway, client]]) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => { open.delete(one); other.destroy(); });
    }
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
