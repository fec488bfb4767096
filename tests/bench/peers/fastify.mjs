// fastify.mjs - status callbacks of Twilio with Fastify and the check of Twilio's own package: verified, stored,
// answered.
import formbody from '@fastify/formbody';
import Fastify from 'fastify';
import twilio from 'twilio';
import { PATH, PUBLIC, serving, store, TOKEN } from './store.mjs';

const app = Fastify();
await app.register(formbody);

app.post(PATH, async (req, reply) => {
  if (!twilio.validateRequest(TOKEN, req.headers['x-twilio-signature'], PUBLIC.origin + req.url, req.body))
    return reply.code(403).send();
  await store(req.url, req.body);
  return reply.type('text/xml').send();
});

await app.listen({ port: 0, host: '127.0.0.1' });
serving(app.server.address().port);
