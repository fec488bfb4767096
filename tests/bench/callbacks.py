"""callbacks.py - signed callbacks, verified, committed and answered."""
from table import Row

TITLE = 'Callbacks'
ROWS = [
    Row('one row committed by pgbench', 'pgbench'),
]


def measure(house):
    return {'pgbench': house.pgbench('SELECT 1;\n', 64)}
