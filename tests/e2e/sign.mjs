// sign.mjs - signs requests as the carriers do, in a few lines of our own; tests/npm holds them, and
// the gateway, against the carriers' official packages.
import { createHmac, createPrivateKey, sign } from 'node:crypto';

/** A Twilio webhook: form fields to a URL. */
export function twilioRequest(url, fields, authToken) {
  const text = Object.keys(fields).sort().reduce((s, k) => s + k + fields[k], url.split('#')[0]);
  return {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': createHmac('sha1', authToken).update(text).digest('base64'),
    },
  };
}

/** The simulated Telnyx's private key: test 1 of RFC 8032. */
const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]),
  format: 'der', type: 'pkcs8',
});

/** A Telnyx webhook: an event, or any bytes, at a time. */
export function telnyxRequest(event, at = Math.floor(Date.now() / 1000)) {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'telnyx-timestamp': String(at),
      'telnyx-signature-ed25519': sign(null, Buffer.from(`${at}|${body}`), key).toString('base64'),
    },
  };
}

let serial = 0;

/** The fields of a guest's text to a Twilio number. */
export const twilioReply = (h, from, to, Body, more = {}) => {
  const sid = `SM${String(++serial).padStart(32, '0')}`;
  return {
    AccountSid: h.credentials.TWILIO_ACCOUNT_SID, ApiVersion: '2010-04-01', From: from, To: to, Body,
    MessageSid: sid, SmsSid: sid, SmsMessageSid: sid, SmsStatus: 'received', NumMedia: '0',
    NumSegments: '1', ...more,
  };
};

/** The event of a guest's text to a Telnyx number. */
export const telnyxReply = (from, to, text) => {
  const id = `00000000-0000-4000-8000-${String(++serial).padStart(12, '0')}`;
  return {
    data: {
      event_type: 'message.received', id: `e${id.slice(1)}`, occurred_at: new Date().toISOString(),
      record_type: 'event',
      payload: {
        id, direction: 'inbound', record_type: 'message', type: 'SMS', text, media: [], errors: [],
        from: { phone_number: from, carrier: 'T-Mobile USA', line_type: 'Wireless' },
        to: [{ phone_number: to, status: 'webhook_delivered' }],
      },
    },
    meta: { attempt: 1 },
  };
};
