#!/usr/bin/env python3
"""unit.py - gateway/systemd/maitred.service: systemd can read it, finds little that it leaves open, and it gives
the gateway the time and the memory of its settings."""
import os
import re
import subprocess
import sys
import tempfile

import tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNIT = os.path.join(ROOT, 'gateway/systemd/maitred.service')
EXPOSURE = '15'  # tenths, of 100; what is left is its network, which is its work
with open(UNIT, encoding='utf-8') as unit_file:
    TEXT = unit_file.read()


def analyze(*arguments):
    done = subprocess.run(['systemd-analyze', *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def systemd_reads_it():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'maitred.service')  # as on a machine that has the program
        with open(path, 'w', encoding='utf-8') as file:
            file.write(TEXT.replace('/usr/local/bin/maitred', '/usr/bin/true'))
        status, said = analyze('verify', '--recursive-errors=no', path)
    return [line for line in said.splitlines() if 'maitred.service' in line] + ([f'status {status}'] if status else [])


def it_leaves_little_open():
    status, said = analyze('security', '--no-pager', '--offline=true', f'--threshold={EXPOSURE}', UNIT)
    return [said.strip().splitlines()[-1]] if status else []


def setting(name):
    return re.search(rf'^{name}=(.*)$', TEXT, re.M).group(1)


def it_may_end_in_peace():
    with open(os.path.join(ROOT, 'gateway/worker.c'), encoding='utf-8') as file:
        within_ms = int(re.search(r'#define STOP_WITHIN_MS (\d+)', file.read()).group(1))
    wrong = [] if int(setting('TimeoutStopSec')) * 1000 > within_ms + 5000 else ['TimeoutStopSec']
    return wrong + [n for n, v in [('Restart', 'always'), ('Type', 'notify'), ('LimitCORE', '0')] if setting(n) != v]


CHECKS = [systemd_reads_it, it_leaves_little_open, it_may_end_in_peace]


if __name__ == '__main__':
    sys.exit(tap.run(CHECKS))
