#!/usr/bin/env python3
"""faults.py - each test that tests/faults.md names exists, and each fault of `make torture` it names."""
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
        return os.path.exists(path) and re.search(rf'unit_test\w*\(\s*{name}\b', read(path))
    folder, _, stem = suite.partition('_')
    path = f'tests/{folder}/{stem}.test.mjs'
    if not os.path.exists(path):
        return False
    text = [re.sub(r'\$\{[^}]*\}', '', t).strip() for t in titles_of_node(path)]
    return any(name in t for t in text)


def problems():
    table = read('tests/faults.md')
    named = re.findall(r'`((?:test|e2e|torture)_\w+):([^`]+)`', table)
    struck = re.findall(r'torture: `([^`]+)`', table)
    nemesis = ''.join(read(p) for p in glob.glob('tests/torture/*.mjs'))
    yield from (f'{suite}:{name}' for suite, name in named if not exists(suite, name))
    # a verdict's word is put in by a template
    yield from (f'torture: {kind}' for kind in struck
                if kind not in nemesis and re.sub(r' \w+$', ' ${', kind) not in nemesis)
    if len(named) < 60:
        yield f'only {len(named)} tests are read from tests/faults.md'


found = list(problems())
for what in found:
    print(f'# tests/faults.md names what is not there: {what}')
print(f"{'not ok' if found else 'ok'} 1 - every test that tests/faults.md names exists\n1..1")
raise SystemExit(1 if found else 0)
