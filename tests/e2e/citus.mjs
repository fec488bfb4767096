// citus.mjs - reads SQL as Citus would route it, by its text: which distributed tables a statement touches, and
// whether each of them is held to one account. It is a reading, not Citus: what it lets pass may still be refused there.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const bare = (sql) => sql.replace(/--.*$/gm, '').replace(/'(?:[^']|'')*'/g, "''");

/** The text of each db/sql/ statement, and of each statement inside the functions of db/functions/. */
export function statements(root) {
  const all = [];
  for (const file of readdirSync(path.join(root, 'db/sql')))
    all.push({ name: `sql/${file.replace('.sql', '')}`, text: bare(readFileSync(path.join(root, 'db/sql', file), 'utf8')) });
  for (const file of readdirSync(path.join(root, 'db/functions'))) {
    const text = bare(readFileSync(path.join(root, 'db/functions', file), 'utf8'));
    for (const part of text.split(/^CREATE (?:OR REPLACE )?/m).slice(1)) {
      const name = /^(?:FUNCTION|VIEW|PROCEDURE)\s+(\w+)/.exec(part)?.[1];
      if (name) all.push(...part.replace(/^[^]*?\bAS \$\$/, '').split(';').map((t) => ({ name: `function/${name}`, text: t })));
    }
  }
  return all;
}

const KEYWORDS = /^(?:where|set|on|using|join|left|cross|inner|order|group|limit|for|as|values|select|returning|default|loop|union|natural|offset|having|and|or|not|full|right|tablesample|except|intersect)$/i;

/** Mentions of distributed tables that nothing holds to one account: ["messages m"]. */
export function loose(text, distributed) {
  const found = [];
  for (const [, verb, table, given] of text.matchAll(/\b(FROM|JOIN|UPDATE|INTO|,)\s+(?:ONLY\s+)?(?:public\.)?(\w+)(?:\s+(?:AS\s+)?(\w+))?/gi)) {
    if (!distributed.has(table) || (verb === ',' && !given) || /\bINTO$/i.test(verb)) continue; // an insert names its account
    const alias = given && !KEYWORDS.test(given) ? given : table;
    const equal = new RegExp(`\\b${alias}\\.account_id\\s*=|=\\s*${alias}\\.account_id\\b`, 'i');
    const alone = /(?<![.\w])account_id\s*=(?!>)/i, using = /USING \(account_id\b/i, row = new RegExp(`\\(${alias}\\.account_id,|\\(account_id,[^)]*\\)\\s*(?:=|IN)`, 'i');
    if (!equal.test(text) && !alone.test(text) && !using.test(text) && !row.test(text)) found.push(`${table} ${alias}`);
  }
  return found;
}

/** Whose rows: one account's, by the scope of the caller or an argument of a function that is no list of them. */
export const fixed = (name, text) => (name.startsWith('function/') && !/\bstring_to_array\(accounts\b/.test(text)) || /\bscope\(\)/.test(text);

/** The rows of a data file with a heading, tabs between. */
export const tsv = (file) => readFileSync(file, 'utf8').trim().split('\n').filter((l) => !l.startsWith('#')).slice(1).map((l) => l.split('\t'));
