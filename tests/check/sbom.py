#!/usr/bin/env python3
"""sbom.py - `make sbom` against what the binary is linked with and what npm has locked; and the versions of
gateway/libraries.txt against the installed ones.

    tests/check/sbom.py build
"""
import json
import os
import re
import subprocess
import sys

import tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = sys.argv[1]
FOLDERS = ['gateway/console', 'tests']


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def sbom():
    subprocess.run(['make', '-s', f'B={BUILD}', 'sbom'], check=True)
    with open(f'{BUILD}/sbom.cdx.json', encoding='utf-8') as file:
        return file.read()


TEXT = sbom()
BOM = json.loads(TEXT)
REQUIRED = [c for c in BOM['components'] if c['scope'] == 'required']


def locked(folder):
    return {k: v for k, v in json.loads(read(f'{folder}/package-lock.json'))['packages'].items() if k}


def it_is_cyclonedx():
    refs = [c['bom-ref'] for c in BOM['components']]
    bad = [c['name'] for c in BOM['components'] if not re.match(r'pkg:(deb/debian|npm)/[^@]+@\S+$', c['purl']) or not c['version']]
    return bad + ([] if (BOM['bomFormat'], BOM['specVersion']) == ('CycloneDX', '1.5') else ['its head']) + \
        ([] if len(refs) == len(set(refs)) else ['two of one name']) + \
        [f'{ref} is not there' for ref in BOM['dependencies'][0]['dependsOn'] if ref not in refs]


def every_library_that_is_loaded_is_there():
    """Not by way of `make library-packages`: each file's package is asked for by its own name."""
    files = [os.path.realpath(f) for f in re.findall(r'=> (/\S+)', said('ldd', f'{BUILD}/maitred'))]
    owned = {}
    for package in [c['name'] for c in REQUIRED if c['purl'].startswith('pkg:deb')]:
        for path in said('dpkg-query', '-L', package).split('\n'):
            owned[os.path.realpath(path)] = package
    unused = {c['name'] for c in REQUIRED if c['purl'].startswith('pkg:deb')} - {owned.get(f) for f in files} - {'libkainjow-mustache-dev'}
    return [f'{f} is of no component' for f in files if f not in owned] + [f'{n} is not loaded' for n in unused] + \
        ([] if len(files) > 20 else ['ldd says nothing'])


def versions_are_the_installed_ones():
    return [f'{c["name"]} {c["version"]}' for c in REQUIRED if c['purl'].startswith('pkg:deb')
            and said('dpkg-query', '-W', '-f', '${Version}', c['name']) != c['version']]


def every_package_of_npm_is_there():
    there = {c['bom-ref'].split('#')[1]: c for c in BOM['components'] if '#' in c['bom-ref']}
    wanted = {f'{folder}/{where}': p for folder in FOLDERS for where, p in locked(folder).items()}
    bundled = {'preact', 'swagger-ui-dist', 'uplot', 'qrcode-generator'} - {c['name'] for c in REQUIRED}
    return [f'{w} is not there' for w in set(wanted) - set(there)] + [f'{t} is not locked' for t in set(there) - set(wanted)] + \
        [w for w, p in wanted.items() if w in there and there[w]['version'] != p['version']] + [f'{b} is bundled' for b in bundled]


def npm_checks_what_it_fetches():
    return [f'{folder}: {where}' for folder in FOLDERS for where, p in locked(folder).items()
            if not p.get('integrity', '').startswith('sha512-')]


def libraries_are_those_that_were_tested():
    rows = [line.split() for line in read('gateway/libraries.txt').split('\n') if line and not line.startswith('#')]
    linked = set(re.findall(r'\(NEEDED\).*\[(lib[\w-]+)', said('readelf', '-dW', f'{BUILD}/maitred')))
    known = ' '.join(name for name, _ in rows).replace('libssl3', 'libssl3 libcrypto').replace('libicu72', 'libicuuc')
    return [f'{name} is not {version}' for name, version in rows
            if not said('dpkg-query', '-W', '-f', '${Version}', name).startswith(version)] + \
        [f'{name} is not in it' for name in linked - {'libc', 'libstdc', 'libgcc_s', 'libm'} if name not in known]


def the_same_build_says_the_same():
    return [] if sbom() == TEXT else ['it differs']


CHECKS = [it_is_cyclonedx, every_library_that_is_loaded_is_there, versions_are_the_installed_ones, every_package_of_npm_is_there,
          npm_checks_what_it_fetches, libraries_are_those_that_were_tested, the_same_build_says_the_same]


if __name__ == '__main__':
    sys.exit(tap.run(CHECKS))
