#!/usr/bin/env python3
"""manifest.py - checks of the files that are not code: app.json, Procfile, heroku.yml, Dockerfile, npm's lock,
and that no file names a place that exists on one machine only."""
import json
import os
import re
import sys

import tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIP = {'.git', 'build', 'node_modules', '.maitred', 'dist'}
# Written with [] so that this file does not find itself.
PLACES = [r'(^|[\s"\'=(`])/wor[k]\b', r'\.\./share[d]\b', r'/roo[t]/', r'/hom[e]/\w',
          r'registry\.npmj[s]', r'deb\.debia[n]\.org', r'py[p]i\.org']


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8', errors='replace') as file:
        return file.read()


def text_files():
    for here, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in SKIP]
        for name in files:
            yield os.path.relpath(os.path.join(here, name), ROOT)


def app_json_is_complete():
    app = json.loads(read('app.json'))
    missing = {'name', 'description', 'env', 'addons', 'formation'} - set(app)
    bare = [k for k, v in app['env'].items() if not v.get('description')]
    return [f'missing: {k}' for k in missing] + [f'{k} has no description' for k in bare]


def procfile():
    return dict(re.findall(r'^(\w+): (.+)$', read('Procfile'), re.M))


def procfile_starts_what_the_manifest_says():
    types = procfile()
    formation = set(json.loads(read('app.json'))['formation'])
    return [f'{t} is not in Procfile' for t in formation - set(types)] + \
        [f'{t} runs {c}' for t, c in types.items() if 'maitred ' not in c]


def app_json_has_only_keys_that_heroku_knows():
    keys = {'name', 'description', 'keywords', 'website', 'repository', 'logo', 'success_url', 'scripts', 'env',
            'formation', 'addons', 'buildpacks', 'environments', 'stack', 'image'}
    app = json.loads(read('app.json'))
    inner = [(app['env'].values(), {'description', 'value', 'required', 'generator'}),
             (app['formation'].values(), {'quantity', 'size'}), (app['addons'], {'plan', 'as', 'options'})]
    return [f'app.json: {k}' for k in set(app) - keys] + \
        [f'app.json: {k}' for rows, known in inner for row in rows for k in set(row) - known]


def heroku_yml_says_the_same():
    """Without a YAML package: the lines that count are looked for as they must stand."""
    text, types, app = read('heroku.yml'), procfile(), json.loads(read('app.json'))
    wanted = [f'    - plan: {a["plan"]}\n      as: {a["as"]}\n' for a in app['addons']]
    wanted += ['build:\n  docker:\n    web: Dockerfile\n', f'run:\n  web: {types["web"]}\n',
               f'release:\n  image: web\n  command:\n    - {types["release"]}\n',
               f'  worker:\n    image: web\n    command:\n      - {types["worker"]}\n']
    last = re.findall(r'^CMD (.+)$', read('Dockerfile'), re.M)[-1]
    return [f'heroku.yml lacks: {w!r}' for w in wanted if w not in text] + \
        [f'{t} is in app.json and not in heroku.yml' for t in app['formation'] if f'  {t}:' not in text] + \
        ([] if ' '.join(json.loads(last)) == types['web'] else [f'Dockerfile runs {last}']) + \
        ([] if app['stack'] == 'container' else ['app.json: stack'])


def dockerfile_fits_heroku():
    text = read('Dockerfile')
    return [f'Dockerfile: {word}' for word in re.findall(r'^(VOLUME|EXPOSE)', text, re.M)] + \
        ([] if re.search(r'^USER (?!root)', text, re.M) else ['Dockerfile: it runs as root'])


def npm_versions_are_exact():
    return [problem for folder in ['tests', 'gateway/console'] for problem in inexact(folder)]


def inexact(folder):
    package = json.loads(read(f'{folder}/package.json'))
    lock = json.loads(read(f'{folder}/package-lock.json'))
    wanted = {**package.get('dependencies', {}), **package.get('devDependencies', {})}
    locked = lock['packages']
    return [f'{n} {v} is no exact version' for n, v in wanted.items() if not re.match(r'\d', v)] + \
        [f'{n} is locked to another version' for n, v in wanted.items()
         if locked.get(f'node_modules/{n}', {}).get('version') != v]


def no_file_names_one_machine():
    return [f'{path}:{number}: {line.strip()[:80]}'
            for path in text_files()
            for number, line in enumerate(read(path).splitlines(), 1)
            if any(re.search(p, line) for p in PLACES)]


CHECKS = [app_json_is_complete, procfile_starts_what_the_manifest_says, app_json_has_only_keys_that_heroku_knows,
          heroku_yml_says_the_same, dockerfile_fits_heroku, npm_versions_are_exact, no_file_names_one_machine]


if __name__ == '__main__':
    sys.exit(tap.run(CHECKS))
