// express.mjs - status callbacks of Twilio with Express and the middleware of Twilio's own package: verified,
// stored, answered.
import express from 'express';
import twilio from 'twilio';
import { PATH, PUBLIC, serving, store, TOKEN } from './store.mjs';

const app = express();
const genuine = twilio.webhook(TOKEN, { validate: true, host: PUBLIC.host, protocol: PUBLIC.protocol });

app.post(PATH, express.urlencoded({ extended: false }), genuine, async (req, res) => {
  await store(req.originalUrl, req.body);
  res.type('text/xml').end();
});

const server = app.listen(0, '127.0.0.1', () => serving(server.address().port));
