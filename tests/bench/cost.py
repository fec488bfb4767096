"""cost.py - what an operation costs, without a clock: instructions of the gateway (callgrind counts them), statements
and bytes of the log in PostgreSQL, round trips to it. Once one at a time, and once by 64 at once, when what comes
together is committed together. tests/check/costs.py holds them to tests/check/costs.tsv. And what the gateway holds of
memory: idle, under full load, and for each idle stream.
"""
import contextlib
import re
import subprocess
import time
import urllib.request

from house import KEY, MAITRED, load, process, resident_mib
from staff import streams
from table import Row

TITLE = 'Cost'
ROUNDS = 1
STREAMS, STREAMS_EACH = 10000, 50
TOKEN = 'op_bench_0000000000000000000000000000'
# requests one at a time, and by 64 at once
OPERATIONS = {'callback': (200, 2000, 'callback, applied'), 'reply': (200, 2000, "guest's text, applied"),
              'message': (200, 2000, 'message, sent and settled'), 'board': (200, 1000, 'board of 50 parties'),
              'add': (100, 500, 'party added'), 'notify': (100, 500, 'press of Notify')}
MEASURES = {'instructions': ('instructions', 'k'), 'statements': ('statements', ''),
            'trips': ('round trips to PostgreSQL', ''), 'wal': ('log of PostgreSQL', 'KiB')}

SHOWN = ('instructions', 'statements')  # the rest stands in latest.json
ROWS = [Row(f'{name}, {"64 at once" if many else "alone"}: {MEASURES[measure][0]}',
            f'{key}_{"many" if many else "one"}_{measure}', MEASURES[measure][1])
        for key, (_, _, name) in OPERATIONS.items() for measure in SHOWN for many in (False, True)] + [
    Row('resident, idle', 'resident_idle', 'MiB', at_most=32),
    Row('resident, at most, under full load', 'resident_loaded', 'MiB', at_most=96),
    Row('streams opened', 'opened'),
    Row('idle stream', 'stream_kib', 'KiB', at_most=10, bound='libh2o keeps 8 KiB of input for a connection'),
    Row('idle stream over TLS', 'stream_tls_kib', 'KiB', at_most=28),
]


class Counted:
    """A gateway under callgrind, which counts when it is told to."""

    def __init__(self, pid, port, out):
        self.pid, self.port, self.out, self.dumps = pid, port, out, 0

    def control(self, *args):
        subprocess.run(['callgrind_control', *args, str(self.pid)], check=True, capture_output=True)

    def instructions(self):
        """Since it was last asked."""
        self.control('--dump')
        self.dumps += 1
        with open(f'{self.out}.{self.dumps}') as f:
            return int(re.search(r'^(?:totals|summary): (\d+)', f.read(), re.M)[1])

    def round_trips(self):
        request = urllib.request.Request(f'http://127.0.0.1:{self.port}/metrics',
                                         headers={'Authorization': f'Bearer {TOKEN}'})
        text = urllib.request.urlopen(request).read().decode()
        return sum(float(n) for n in re.findall(r'^maitred_database_queries_total\{.*\} (\S+)', text, re.M))


@contextlib.contextmanager
def counted(house):
    out = f'{house.folder}/callgrind'
    args = ['valgrind', '--tool=callgrind', f'--callgrind-out-file={out}', MAITRED, 'serve']
    more = {'SANDBOX': 'off', 'OPERATOR_TOKEN': TOKEN, 'SEND_TIMEOUT_S': '30'}
    with process(args, r'"event":"ready","port":"(\d+)"', {**house.env, **more}) as (p, match):
        yield Counted(p.pid, int(match[1]), out)


def ask(house, server, operation, num, clients):
    """So many requests; waits until all that follows is done."""
    target = {'board': '/v1/parties', 'add': '/v1/parties', 'notify': '/v1/parties/pty_{}/notify'}
    if operation == 'callback':
        load('callbacks', n=num, c=clients, **house.signer(server.port))
        house.wait_empty('pending')
    elif operation == 'reply':
        load('replies', n=num, c=clients, **house.signer(server.port))
        house.wait_empty('pending')
    elif operation == 'message':
        load('messages', p=server.port, n=num, c=clients, k=KEY)
        house.wait_empty('queue')
    else:
        mode = {'board': 'get', 'add': 'parties', 'notify': 'posts'}[operation]
        load(mode, p=server.port, t=target[operation], n=num, c=clients, k=KEY)


def prepare(house, operation, num):
    house.clear()
    if operation == 'callback':
        house.accepted_attempts(num)
    if operation in ('board', 'add', 'notify'):
        house.put_parties(num if operation == 'notify' else 50)
    house.psql('SELECT pg_stat_statements_reset()', house.admin)


def counts(house, server, operation, num, clients):
    """Instructions, statements, round trips and KiB of log for one of them."""
    prepare(house, operation, num)
    server.instructions()
    trips = server.round_trips()
    ask(house, server, operation, num, clients)
    instructions = server.instructions()
    calls, wal = house.psql("SELECT sum(calls), sum(wal_bytes) FROM pg_stat_statements s, pg_database d "
                            "WHERE d.oid = s.dbid AND datname = 'maitred' AND s.userid <> 10", house.admin).split('|')
    return {'instructions': instructions / num / 1000, 'statements': int(calls) / num,
            'trips': (server.round_trips() - trips) / num, 'wal': float(wal) / num / 1024}


def count(house):
    """All measures of each operation, alone and many at once."""
    figures = {}
    house.count_statements(True)
    with counted(house) as server:
        for operation, (few, many, _) in OPERATIONS.items():
            for name, num, clients in (('one', few, 1), ('many', many, 64)):
                for measure, value in counts(house, server, operation, num, clients).items():
                    figures[f'{operation}_{name}_{measure}'] = value
    house.count_statements(False)
    return figures


def memory(house):
    """Of a gateway that has just started, and the most that one held under full load."""
    house.clear()
    with house.gateway() as server:
        time.sleep(2)
        idle = resident_mib(server.pid)
        house.accepted_attempts(30000)
        load('callbacks', n=60000, c=256, **house.signer(server.port))
        load('messages', p=server.port, n=20000, c=256, k=KEY)
        house.wait_empty('queue')
        return {'resident_idle': idle, 'resident_loaded': resident_mib(server.pid, 'VmHWM')}


def idle_streams(house):
    """What each of 10,000 idle streams takes of the gateway's memory, a beat later; plain, and over TLS."""
    figures = {}
    cert, key = house.certificate()
    tls = {'TLS_CERT_FILE': cert, 'TLS_KEY_FILE': key}
    for name, more, args in (('stream', {}, []), ('stream_tls', tls, ['tls'])):
        with house.gateway(MAX_CONNECTIONS=str(2 * STREAMS), **more) as server:
            before = resident_mib(server.pid)
            with streams(server.port, STREAMS, STREAMS_EACH, *args) as said:
                time.sleep(18)
                figures[f'{name}_kib'] = (resident_mib(server.pid) - before) * 1024 / STREAMS
            figures.setdefault('opened', STREAMS / said['seconds'])
    return figures


def measure(house):
    yield {**count(house), **memory(house), **idle_streams(house)}
