// types.mjs - holds JSON against the TypeScript declarations of a package: just enough of the
// language to read the interfaces that describe the wire.
import { readFileSync } from 'node:fs';

const token = /\s+|\/\*[\s\S]*?\*\/|\/\/[^\n]*|('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[\w$]+|[^\s\w])/g;

class Reader {
  constructor(text) {
    this.tokens = [...text.matchAll(token)].map((m) => m[1]).filter(Boolean);
    this.at = 0;
    this.types = new Map(); // 'A.B' to its members, or to the type it stands for
  }
  get next() { return this.tokens[this.at]; }
  take(wanted) {
    if (wanted && this.next !== wanted) return undefined;
    return this.tokens[this.at++];
  }
  /** Over a statement that does not matter: to its semicolon, or over its braces. */
  skip() {
    for (let depth = 0; this.at < this.tokens.length;) {
      const t = this.take();
      if (t === '{') depth++;
      if (t === '}' && --depth === 0 && this.next !== ';' && this.next !== 'from') return;
      if (t === ';' && depth === 0) return;
    }
  }
  scope(name) {
    while (this.at < this.tokens.length && !this.take('}')) {
      while (this.take('export') || this.take('declare'));
      if (this.take('interface')) {
        const own = name + this.take();
        while (this.next !== '{') this.take();
        this.take();
        this.types.set(own, { scope: own, members: this.members() });
      } else if (this.take('namespace')) {
        const own = name + this.take();
        this.take('{');
        this.scope(`${own}.`);
      } else {
        this.skip();
      }
    }
  }
  members() {
    const members = new Map();
    while (!this.take('}')) {
      let key = this.take();
      if (key === '[') { while (this.take() !== ']'); key = '*'; }
      const optional = Boolean(this.take('?'));
      this.take(':');
      members.set(key.replace(/^['"]|['"]$/g, ''), { optional, type: this.type() });
      this.take(';');
    }
    return members;
  }
  type() {
    const any = [];
    do any.push(this.one()); while (this.take('|'));
    return any;
  }
  one() {
    const t = this.take();
    if (t === '{') return { members: this.members() };
    if (t[0] === "'" || t[0] === '"') return { literal: t.slice(1, -1) };
    let name = t;
    while (this.take('.')) name += `.${this.take()}`;
    const one = { name };
    if (this.take('<')) {
      one.of = [];
      do one.of.push(this.type()); while (this.take(','));
      this.take('>');
    }
    return one;
  }
}

/** fits(value, 'Name') gives a list of what is wrong with the value, seen as that interface. */
export function declarations(...files) {
  const types = new Map();
  for (const file of files) {
    const reader = new Reader(readFileSync(file, 'utf8'));
    reader.scope('');
    for (const [name, type] of reader.types) types.set(name, type);
  }
  const find = (name, scope) => {
    for (let s = scope; ; s = s.includes('.') ? s.slice(0, s.lastIndexOf('.')) : '') {
      const found = types.get(s ? `${s}.${name}` : name);
      if (found || !s) return found ?? types.get(name.replace(/^\w+API\./, ''));
    }
  };
  const object = (value, { members }, scope, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where} is no object`];
    const rest = members.get('*');
    const problems = [];
    for (const [key, { optional, type }] of members)
      if (key !== '*' && !(key in value) && !optional) problems.push(`${where}.${key} is missing`);
      else if (key !== '*' && key in value) problems.push(...check(value[key], type, scope, `${where}.${key}`));
    for (const key of Object.keys(value))
      if (!members.has(key) && !rest) problems.push(`${where}.${key} is not declared`);
    return problems;
  };
  const one = (value, type, scope, where) => {
    if (type.members) return object(value, type, scope, where);
    if (type.literal !== undefined) return value === type.literal ? [] : [`${where}: ${JSON.stringify(value)}`];
    if (['string', 'number', 'boolean'].includes(type.name))
      return typeof value === type.name ? [] : [`${where}: ${JSON.stringify(value)} is no ${type.name}`];
    if (type.name === 'null') return value === null ? [] : [`${where}: ${JSON.stringify(value)}`];
    if (type.name === 'unknown') return [];
    if (type.name === 'Array')
      return Array.isArray(value) ? value.flatMap((v, i) => check(v, type.of[0], scope, `${where}[${i}]`))
                                  : [`${where} is no array`];
    const found = find(type.name, scope);
    return found ? object(value, found, found.scope, where) : [`${where}: no type ${type.name}`];
  };
  const check = (value, any, scope, where) => {
    const tries = any.map((type) => one(value, type, scope, where));
    return tries.some((t) => !t.length) ? [] : tries.reduce((a, b) => (b.length > a.length ? b : a));
  };
  return (value, name) => one(value, { name }, '', name);
}
