#!/usr/bin/env python3
"""faults.py - each test that tests/faults.md and docs/threats.md name exists, and each fault of `make torture`."""
import glob
import os
import re

os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def titles_of_node(path):
    """The tests' names, as they are written."""
    source = read(path)
    names = [t[1] for t in re.findall(r'\btest\(([\'"`])(.*?)(?<!\\)\1,', source)]
    named = {n for n in names if n.startswith('${')}
    if named:  # made from a table: the words in its rows
        names += re.findall(r"\[[\'\"](.+?)[\'\"], ", source)
    return names


def exists(suite, name):
    if suite.startswith('test_'):
        path = f'tests/{suite}.c'
        return os.path.exists(path) and re.search(rf'(?:unit_test\w*|WITH_\w+)\(\s*{name}\b', read(path))
    folder, _, stem = suite.partition('_')
    path = f'tests/{folder}/{stem}.test.mjs'
    if not os.path.exists(path):
        return False
    text = [re.sub(r'\$\{[^}]*\}', '', t).strip() for t in titles_of_node(path)]
    return any(name in t for t in text)


def problems(page, least):
    table = read(page)
    named = re.findall(r'`((?:test|e2e|torture)_\w+):([^`]+)`', table)
    struck = re.findall(r'torture: `([^`]+)`', table)
    nemesis = ''.join(read(p) for p in glob.glob('tests/torture/*.mjs'))
    yield from (f'{suite}:{name}' for suite, name in named if not exists(suite, name))
    # a verdict's word is put in by a template
    yield from (f'torture: {kind}' for kind in struck
                if kind not in nemesis and re.sub(r' \w+$', ' ${', kind) not in nemesis)
    if len(named) < least:
        yield f'only {len(named)} tests are read from it'


bad = 0
for number, (page, least) in enumerate([('tests/faults.md', 60), ('docs/threats.md', 50)], 1):
    found = list(problems(page, least))
    for what in found:
        print(f'# {page} names what is not there: {what}')
    print(f"{'not ok' if found else 'ok'} {number} - every test that {page} names exists")
    bad += bool(found)
print('1..2')
raise SystemExit(1 if bad else 0)
