// budget.mjs - what the board loads, gzipped: node budget.mjs FOLDER KB. More than that many kB is an error.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const [folder, most] = [process.argv[2], Number(process.argv[3])];
const loaded = new Set();

/** A script, and those it imports at once; pages that are opened later use import(). */
function load(name) {
  if (loaded.has(name)) return;
  loaded.add(name);
  if (!name.endsWith('.js')) return;
  const text = readFileSync(path.join(folder, name), 'utf8');
  for (const [, other] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) load(other);
}

load('index.html');
for (const [, name] of readFileSync(path.join(folder, 'index.html'), 'utf8').matchAll(/"\/console\/([^"]+)"/g)) load(name);
const bytes = [...loaded].reduce((n, name) => n + statSync(path.join(folder, `${name}.gz`)).size, 0);
console.log(`the board loads ${(bytes / 1000).toFixed(1)} kB of ${most}: ${[...loaded].join(' ')}`);
if (loaded.size < 4 || bytes > most * 1000) process.exit(1);
