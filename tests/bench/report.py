"""report.py - the tables of `make bench`, and the raw figures behind them."""
import datetime
import json
import os
import platform
import re
import subprocess

import house
import table

MARK, END = '<!-- make bench writes this -->', '<!-- end -->'
RESULTS = f'{house.ROOT}/tests/bench/results'


def said(*args):
    return subprocess.run(args, capture_output=True, text=True, cwd=house.ROOT).stdout.strip()


def machine():
    with open('/proc/cpuinfo') as f:
        cpu = re.search(r'model name\s*: (.*)', f.read())[1]
    return f'{os.cpu_count()} x {cpu}, Linux {platform.release()}'


def versions():
    packages = ['libh2o-evloop0.13', 'libpq5', 'libcurl4', 'libssl3', 'postgresql-15', 'kannel', 'nodejs']
    found = dict(line.split() for line in said(
        'dpkg-query', '-W', '-f', '${Package} ${Version}\n', *packages).splitlines() if ' ' in line)
    with open(f'{house.ROOT}/tests/bench/peers/package.json') as f:
        return {**found, 'node': said('node', '--version'), **json.load(f)['dependencies']}


def show(sections, results):
    print('\n\n'.join('\n'.join(table.lines(s, results[s.__name__])) for s in sections))


def keep(sections, results):
    """What was measured goes into latest.json, beside what was measured of other sections before and the run before
    of this one; the tables into latest.md, and the rows with a goal between README's marks."""
    path = f'{RESULTS}/latest.json'
    kept = {}
    if os.path.exists(path):
        with open(path) as f:
            kept = json.load(f)
    about = {'date': datetime.date.today().isoformat(), 'commit': said('git', 'rev-parse', '--short', 'HEAD'),
             'machine': machine(), 'versions': versions()}
    for name, turns in results.items():
        before = {key: value for key, value in kept.get(name, {}).items() if key != 'before'}
        kept[name] = {**about, 'turns': turns, 'before': before}
    with open(path, 'w') as f:
        json.dump(kept, f, indent=1)
        f.write('\n')
    sections = [s for s in sections if s.__name__ in kept]
    with open(f'{RESULTS}/latest.md', 'w') as f:
        f.write('# What `make bench` measured last\n\n' + '\n'.join(page(s, kept[s.__name__]) for s in sections))
    write_readme('\n'.join(line for s in sections for line in table.goals(
        s, kept[s.__name__]['turns'], kept[s.__name__].get('before', {}).get('turns', ()))))


def page(section, kept):
    """A section of latest.md."""
    head = f'Commit {kept["commit"]}, {kept["date"]}, {kept["machine"]}. ' \
        + ', '.join(f'{name} {version}' for name, version in kept['versions'].items())
    before = kept.get('before', {})
    return f'{head}.\n\n' + '\n'.join(table.lines(section, kept['turns'], before.get('turns', ()))) + '\n' + \
        steady(section, kept['turns'], before)


def steady(section, turns, before):
    """How the ratios compare with those of the run before."""
    changes = table.changes(section, turns, before.get('turns', ()))
    if not changes:
        return ''
    far = sum(abs(change) > 0.15 for _, _, change in changes)
    return f'\nThe run before: commit {before["commit"]}, {before["date"]}. ' \
        f'{len(changes) - far} of {len(changes)} ratios are within 15 % of it.\n'


def write_readme(rows):
    with open(f'{house.ROOT}/README.md') as f:
        readme = f.read()
    told = f'{MARK}\n| | measured | run before | goal | met |\n|---|---|---|---|---|\n{rows}\n{END}'
    with open(f'{house.ROOT}/README.md', 'w') as f:
        f.write(re.sub(f'(?s){MARK}.*?{END}', lambda _: told, readme))
