// prism.mjs - Stoplight's Prism as a proxy in front of a gateway: it holds each request and answer
// against the document that `maitred openapi` prints. In this process; one per house.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const document = () =>
  JSON.parse(execFileSync(process.env.MAITRED ?? 'build/san/maitred', ['openapi'],
                          { encoding: 'utf8', maxBuffer: 1 << 26 }));

export async function prism(upstream, described = document()) {
  const { createLogger } = require('@stoplight/prism-core');
  const { getHttpOperationsFromSpec } = require('@stoplight/prism-http');
  const { createServer } = require('@stoplight/prism-http-server');
  const server = createServer(await getHttpOperationsFromSpec(described), {
    cors: false,
    components: { logger: createLogger('prism', { level: 'silent' }) },
    config: {
      isProxy: true, upstream: new URL(upstream), checkSecurity: true,
      validateRequest: true, validateResponse: true, errors: false, mock: false,
    },
  });
  const url = await server.listen(0, '127.0.0.1');
  return { url, close: () => server.close() };
}

/**
 * What an answer through the proxy does wrong: any answer that is not as documented; and a 2xx to a
 * request that the document does not allow. Empty: nothing.
 */
export function violations(r) {
  const header = r.headers.get('sl-violations') ?? '[]';
  if (!header.startsWith('[')) return [header]; // there are too many
  const all = JSON.parse(header);
  return all.filter((v) => v.location?.[0] === 'response' || (r.status >= 200 && r.status < 300))
    .map((v) => `${v.location?.join('.')}: ${v.message}`);
}
