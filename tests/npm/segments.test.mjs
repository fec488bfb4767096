// segments.test.mjs - the console counts segments as the gateway does: by the vectors that also hold
// providers/segment.c.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { transformSync } = createRequire(`${root}/gateway/console/package.json`)('esbuild');
const source = readFileSync(`${root}/gateway/console/src/segments.ts`, 'utf8');
const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
const { segments } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const vectors = JSON.parse(readFileSync(`${root}/fixtures/vectors/segments.json`, 'utf8'));
const told = ({ encoding, units, segments: n }) => ({ encoding, units, segments: n });

for (const v of vectors)
  test(`as Twilio counts: ${v.name}`, () => assert.deepEqual(told(segments(v.text)), v.twilio));
test('all of the vectors', () => assert.ok(vectors.length >= 34));

for (const [name, text, septets] of [ // the same rows as in tests/test_segment.c
  ['basic, all beyond ASCII', '£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà', 39],
  ['extension', '^{}\\[]~|€\f', 20],
  ['ends of ASCII', ' @$_\'"\n\r', 8],
  ['backtick', '`', 0], ['tab', '\t', 0], ['escape', '\x1b', 0], ['delete', '\x7f', 0], ['nothing', '\0', 0],
  ['small c with cedilla', 'ç', 0], ['curly quote', '’', 0], ['no-break space', '\u00a0', 0],
])
  test(`the alphabet: ${name}`, () => {
    const s = segments(text);
    assert.equal(s.encoding, septets ? 'GSM-7' : 'UCS-2');
    assert.equal(s.units, septets || 1);
  });

for (const [name, text, n, left] of [
  ['nothing', '', 1, 160],
  ['one letter', 'a', 1, 159],
  ['a whole text', 'a'.repeat(160), 1, 0],
  ['two', 'a'.repeat(161), 2, 145],
  ['two whole ones', 'a'.repeat(306), 2, 0],
  ['three', 'a'.repeat(307), 3, 152],
  ['an escape is not split', `${'a'.repeat(152)}€${'a'.repeat(7)}`, 2, 144],
  ['a whole text with an accent', 'я'.repeat(70), 1, 0],
  ['two with one', 'я'.repeat(71), 2, 63],
  ['a pair is not split', `${'я'.repeat(66)}🎉${'я'.repeat(3)}`, 2, 62],
  ['pairs that do not fill their parts', '🎉'.repeat(335), 11, 57],
  ['half a pair', '\ud83c', 1, 69],
])
  test(`what is left: ${name}`, () => {
    const s = segments(text);
    assert.deepEqual([s.segments, s.left], [n, left]);
  });
