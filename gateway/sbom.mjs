// sbom.mjs - what a build of maitred is made of, as CycloneDX 1.5: the Debian packages of the libraries that the
// binary is linked with, what is compiled into it, and what builds and tests it. `make sbom` calls it.
//
//   node gateway/sbom.mjs build/maitred PACKAGE...      the packages that it is linked with
//
// The same build prints the same bytes: there is no time and no random number in it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [program, ...linked] = process.argv.slice(2);
const HEADERS_ONLY = ['libkainjow-mustache-dev']; // compiled in, as templates
const run = (...command) => execFileSync(command[0], command.slice(1), { encoding: 'utf8' }).trim();
const by_ref = (a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1);

function debian(name) {
  const [version, arch, source, home] = run('dpkg-query', '-W', '-f', '${Version}\t${Architecture}\t${source:Package}\t${Homepage}', name).split('\t');
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}&distro=debian-12`;
  return { type: 'library', 'bom-ref': purl, name, version, purl, scope: 'required',
           properties: [{ name: 'debian:source', value: source }],
           ...(home && { externalReferences: [{ type: 'website', url: home }] }) };
}

/** npm's packages of a folder: those that are bundled are part of the binary, the others build or test it. */
function npm(folder, bundled) {
  const { packages } = JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8'));
  return Object.entries(packages).filter(([where]) => where).map(([where, p]) => {
    const full = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const [name, group] = full.split('/').reverse();
    const purl = `pkg:npm/${group ? `${encodeURIComponent(group)}/` : ''}${name}@${p.version}`;
    const [algorithm, digest] = p.integrity.split(/-(.*)/);
    return { type: 'library', 'bom-ref': `${purl}#${folder}/${where}`, ...(group && { group }), name, version: p.version, purl,
             scope: bundled && !p.dev ? 'required' : 'excluded',
             hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }],
             ...(p.license && { licenses: [{ expression: p.license }] }) };
  });
}

const components = [...[...linked, ...HEADERS_ONLY].map(debian), ...npm('gateway/console', true), ...npm('tests', false)].sort(by_ref);
const hash = createHash('sha256').update(readFileSync(program)).digest('hex');
const maitred = { type: 'application', 'bom-ref': 'maitred', name: 'maitred', hashes: [{ alg: 'SHA-256', content: hash }] };

console.log(JSON.stringify({
  bomFormat: 'CycloneDX', specVersion: '1.5', version: 1,
  metadata: { component: maitred },
  components,
  dependencies: [{ ref: 'maitred', dependsOn: components.filter((c) => c.scope === 'required').map((c) => c['bom-ref']) }],
}, null, 1));
