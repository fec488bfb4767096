#!/usr/bin/env python3
"""costs.py - an operation takes no more than it did: instructions of the gateway, as callgrind counts them, and
statements, against costs.tsv. No clock is in it, so a busy machine changes little: the polls of a longer run.

    tests/check/costs.py --write   takes what is measured into costs.tsv
"""
import os
import sys

CHECK = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [CHECK, f'{CHECK}/../bench']

import cost  # noqa: E402 (found by the line above)
import house  # noqa: E402
import tap  # noqa: E402

TABLE = f'{CHECK}/costs.tsv'
MOST = {'instructions': 1.15, 'statements': 1.25}  # times what costs.tsv says
KEYS = [f'{operation}_{clients}_{measure}' for operation in cost.OPERATIONS
        for clients, measure in (('one', 'instructions'), ('many', 'instructions'), ('one', 'statements'))]


def measured():
    house.compile_tools()
    with house.House() as h:
        return cost.count(h)


def written():
    with open(TABLE) as f:
        return {key: float(value) for key, value in (line.split('\t') for line in f if not line.startswith('#'))}


def write(figures):
    with open(TABLE, 'w') as f:
        f.write('# By tests/check/costs.py --write: thousands of instructions, and statements, of one operation.\n')
        f.writelines(f'{key}\t{figures[key]:.2f}\n' for key in KEYS)


def too_much(measure):
    """What takes more than it did, a line each."""
    return [f'{key}: {figures[key]:.2f}, at most {MOST[measure] * before[key]:.2f}; if it is worth it: '
            'tests/check/costs.py --write' for key in KEYS
            if key.endswith(measure) and figures[key] > MOST[measure] * before[key]]


def an_operation_takes_no_more_instructions_than_it_did():
    return too_much('instructions')


def an_operation_takes_no_more_statements_than_it_did():
    return too_much('statements')


figures = measured()
if sys.argv[1:] == ['--write']:
    write(figures)
else:
    before = written()
    sys.exit(tap.run([an_operation_takes_no_more_instructions_than_it_did,
                      an_operation_takes_no_more_statements_than_it_did]))
