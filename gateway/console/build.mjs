// build.mjs - the console, made ready for the binary: node build.mjs FOLDER
// Scripts and styles get names with a hash of their bytes; index.html and the service worker name them.
import { readFileSync, readdirSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2]);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const options = {
  bundle: true, minify: true, format: 'esm', target: 'es2022', outdir: out, logLevel: 'warning',
  entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]', metafile: true,
  jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none',
};
const { metafile } = await esbuild.build({
  ...options, splitting: true, entryPoints: [path.join(here, 'src/main.tsx'), path.join(here, 'src/style.css')],
});

const made = Object.entries(metafile.outputs).map(([file, o]) => ({ name: path.basename(file), ...o }));
const named = (entry) => made.find((o) => o.entryPoint?.endsWith(entry)).name;
const fill = (file, values) => readFileSync(path.join(here, 'src', file), 'utf8')
  .replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);

// What the first script imports is asked for with it.
const imports = made.find((o) => o.entryPoint?.endsWith('main.tsx')).imports.filter((i) => i.kind === 'import-statement')
  .map((i) => `<link rel="modulepreload" href="/console/${path.basename(i.path)}">`).join('\n');
const main = named('main.tsx'), style = named('style.css');
writeFileSync(path.join(out, 'index.html'), fill('index.html', { main, style, imports, demo: '' }));
writeFileSync(path.join(out, 'demo.html'), fill('index.html', { main, style, imports, demo: ' data-demo' }));
writeFileSync(path.join(out, 'manifest.webmanifest'), fill('manifest.webmanifest', {}));
writeFileSync(path.join(out, 'icon.svg'), fill('icon.svg', {}));

// The worker has one name for ever: the browser looks whether its bytes changed.
const files = JSON.stringify(made.map((o) => `/console/${o.name}`).sort());
await esbuild.build({ ...options, entryNames: '[name]', entryPoints: [path.join(here, 'src/worker.ts')],
                      define: { FILES: files, RELEASE: JSON.stringify(main) }, format: 'iife' });

for (const name of readdirSync(out)) {
  const file = path.join(out, name);
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
}
