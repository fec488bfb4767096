// canary.mjs - what must never be in a log, at /metrics or /status: secrets of the environment, guests' numbers, and what
// guests and staff wrote. Every house is searched for it when it ends.
const SECRET = /TOKEN|SECRET|API_KEY$|PRIVACY_KEY|SESSION_KEYS|_URL$/;
const LEAST = 8; // a shorter secret may be a word of ours
const WORDS = `SELECT DISTINCT body FROM messages WHERE length(body) >= 16 UNION SELECT name FROM parties WHERE length(name) >= 9
  UNION SELECT name FROM bookings WHERE length(name) >= 9 UNION SELECT name FROM conversations WHERE length(name) >= 9
  UNION SELECT notes FROM parties WHERE length(notes) >= 9 LIMIT 500`;

/** What is secret in an environment: of a URL its password, of a list its parts. */
export function secrets(env) {
  const all = [];
  for (const [name, value] of Object.entries(env)) {
    if (!SECRET.test(name) || !value) continue;
    if (name.endsWith('_URL')) all.push(...[...value.matchAll(/:\/\/[^/@]*:([^/@]+)@|[?&]password=([^&]+)/g)].map((m) => m[1] ?? m[2]));
    else all.push(...value.split(',').map((part) => part.slice(part.indexOf(':') + 1)));
  }
  return [...new Set(all)].filter((s) => s.length >= LEAST);
}

/** What guests of this database are known by; nothing when it does not answer. */
export function guests(sql) {
  try {
    const rows = (text) => JSON.parse(sql(`SELECT coalesce(json_agg(x), '[]') FROM (${text}) t (x)`));
    return { phones: rows('SELECT DISTINCT phone FROM conversations'), words: rows(WORDS) };
  } catch {
    return { phones: [], words: [] };
  }
}

/** What of it stands in the text, each named by how it begins. */
export function leaks(text, { secrets: keys = [], phones = [], words = [] }) {
  const national = new Set(phones.map((p) => p.replace(/\D/g, '').slice(-10)).filter((p) => p.length === 10));
  const numbers = new Set();
  for (const [run] of text.matchAll(/(?<![0-9a-z_])\d{10,15}(?![0-9a-z])|(?<=%2[bB])\d{10,15}/g))
    if (national.has(run.slice(-10))) numbers.add(run);
  const line = (word) => text.split('\n').find((l) => l.includes(word)).slice(0, 300);
  return [...keys.filter((k) => text.includes(k)).map((k) => `a secret (${k.slice(0, 3)}...): ${line(k).replaceAll(k, '***')}`),
          ...[...numbers].slice(0, 3).map((n) => `a guest's number: ${line(n)}`),
          ...words.filter((w) => text.includes(w)).slice(0, 3).map((w) => `a guest's words: ${line(w)}`)];
}
