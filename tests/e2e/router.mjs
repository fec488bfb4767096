// router.mjs - a stand-in for Heroku's router (tests/heroku/haproxy.cfg), and what it does with dynos.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort, until } from './house.mjs';

/** A router at `port`; at r.checking a balancer that asks /readyz instead of being told. */
export async function router(dir, port) {
  const socket = path.join(dir, 'router.sock'), checking = await freePort();
  const child = spawn('haproxy', ['-db', '-f', 'tests/heroku/haproxy.cfg'], {
    env: { PATH: process.env.PATH, ROUTER_SOCKET: socket, ROUTER_PORT: `${port}`, CHECKING_PORT: `${checking}` },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => { said += d; });

  const ask = async (command) => {
    const connection = connect(socket);
    let answer = '';
    connection.on('data', (d) => { answer += d; });
    connection.end(`${command}\n`);
    await once(connection, 'close');
    return answer.trim();
  };
  await until('the router listens', () => {
    if (child.exitCode !== null) throw new Error(`haproxy: ${said}`);
    return ask('show version').catch(() => false);
  }, 10);

  const slots = new Map(); // url -> a server of both backends
  return {
    url: `http://127.0.0.1:${port}`,
    checking: `http://127.0.0.1:${checking}`,
    ask,

    /** A dyno is there: requests may go to it at once. */
    async add(url) {
      const name = ['web1', 'web2', 'web3', 'web4'].find((n) => ![...slots.values()].includes(n));
      slots.set(url, name);
      for (const backend of ['web', 'checked']) {
        const at = `${backend}/${name}`;
        for (const command of [`set server ${at} addr 127.0.0.1 port ${new URL(url).port}`, `set server ${at} state ready`]) {
          const answer = await ask(command);
          if (/error|unknown|require|not found/i.test(answer)) throw new Error(`${command}: ${answer}`);
        }
      }
    },

    /** The dyno gets no more requests; those under way go on. */
    async remove(url) {
      await ask(`set server web/${slots.get(url)} state maint`);
    },

    /** It is gone; its place is free. */
    async forget(url) {
      for (const backend of ['web', 'checked']) await ask(`set server ${backend}/${slots.get(url)} state maint`);
      slots.delete(url);
    },

    async close() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    },
  };
}
