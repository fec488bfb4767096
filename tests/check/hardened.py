#!/usr/bin/env python3
"""hardened.py - what the compiler's and linker's guards have left in the release build. readelf and nm say it.

    tests/check/hardened.py build/maitred build/obj/maitred.a
"""
import platform
import re
import subprocess
import sys

import tap

PROGRAM, OBJECTS = sys.argv[1:]


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


HEAD, SEGMENTS, DYNAMIC = (said('readelf', f'-{part}W', PROGRAM) for part in 'hld')
IMPORTED = set(re.findall(r' U ([\w.]+)', said('nm', '-D', PROGRAM)))


def segments():
    """(type, flags, offset) of each part that is loaded, or says how."""
    rows = re.findall(r'^  ([A-Z_]+) +0x(\w+) .*0x\w+ 0x\w+ ([RWE ]{3}) 0x', SEGMENTS, re.M)
    return [(kind, flags.replace(' ', ''), int(offset, 16)) for kind, offset, flags in rows]


def loaded_at_any_address():
    return [] if 'Type:' in HEAD and 'DYN (' in HEAD and re.search(r'FLAGS_1.*\bPIE\b', DYNAMIC) else ['no PIE']


def nothing_is_linked_late():
    """Full RELRO: all addresses are found at the start, and cannot be written from then on."""
    return [] if any(s[0] == 'GNU_RELRO' for s in segments()) and re.search(r'FLAGS_1.*\bNOW\b', DYNAMIC) else ['no full RELRO']


def memory_is_written_or_run():
    stack = [flags for kind, flags, _ in segments() if kind == 'GNU_STACK']
    return [f'{kind} {flags}' for kind, flags, _ in segments() if 'W' in flags and 'E' in flags] + \
        ([] if stack == ['RW'] else [f'stack: {stack}']) + (['code is changed when it is loaded'] if 'TEXTREL' in DYNAMIC else [])


def code_stands_alone():
    """Headers, tables and constants are in parts that cannot be run."""
    runs = [offset for kind, flags, offset in segments() if kind == 'LOAD' and flags == 'RE']
    return [] if len(runs) == 1 and runs[0] > 0 else [f'code at {runs}']


def libraries_come_from_the_system():
    return re.findall(r'\((?:RPATH|RUNPATH)\).*', DYNAMIC)


def stacks_have_canaries():
    return [] if '__stack_chk_fail' in IMPORTED else ['no canary']


def libc_knows_the_bounds():
    """_FORTIFY_SOURCE: where the compiler knows how long an array is, the checking form is called."""
    return [f'{n} is not there' for n in ['__snprintf_chk', '__memcpy_chk', '__vsnprintf_chk'] if n not in IMPORTED]


def jumps_land_where_they_may():
    """CET, in each object of ours. Debian's own crt1.o lacks the note, so the program as a whole has none."""
    if platform.machine() != 'x86_64':
        return []
    objects = said('readelf', '-nW', OBJECTS).split('\nFile: ')[1:]
    return ['no objects'] * (len(objects) < 100) + [o.split('\n')[0] for o in objects if 'IBT, SHSTK' not in o]


CHECKS = [loaded_at_any_address, nothing_is_linked_late, memory_is_written_or_run, code_stands_alone,
          libraries_come_from_the_system, stacks_have_canaries, libc_knows_the_bounds, jumps_land_where_they_may]


if __name__ == '__main__':
    sys.exit(tap.run(CHECKS))
