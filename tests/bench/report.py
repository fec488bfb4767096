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


def tables(sections, results):
    return '\n\n'.join('\n'.join(table.lines(s, results[s.__name__])) for s in sections)


def show(sections, results):
    print(tables(sections, results))


def keep(sections, results):
    """The tables as latest.md, the raw figures as latest.json, and the tables between README's marks."""
    os.makedirs(RESULTS, exist_ok=True)
    about = {'date': datetime.date.today().isoformat(), 'commit': said('git', 'rev-parse', '--short', 'HEAD'),
             'machine': machine(), 'versions': versions()}
    with open(f'{RESULTS}/latest.json', 'w') as f:
        json.dump({**about, 'rounds': results}, f, indent=1)
        f.write('\n')
    text = (f'Commit {about["commit"]}, {about["date"]}, {about["machine"]}. '
            f'{", ".join(f"{k} {v}" for k, v in about["versions"].items())}.\n\n{tables(sections, results)}\n')
    with open(f'{RESULTS}/latest.md', 'w') as f:
        f.write(text)
    summary = '\n'.join(line for s in sections for line in table.goals(s, results[s.__name__]))
    with open(f'{house.ROOT}/README.md') as f:
        readme = f.read()
    with open(f'{house.ROOT}/README.md', 'w') as f:
        f.write(re.sub(f'(?s){MARK}.*?{END}', lambda _: f'{MARK}\n| | measured | goal | met |\n|---|---|---|---|\n'
                       f'{summary}\n{END}', readme))
