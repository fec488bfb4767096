"""callbacks.py - signed callbacks, verified, committed and answered.

Fairness. All get the same requests from one client, on the same machine and in the same cluster, each after a
warm-up, and the address is signed in the form that each tries first. They are asked in turn, a third of a second
each, there and back again, and compared within a turn of such steps: the machine's mood changes by the second. Whose
turn it is not has nothing to do.

- maitred verifies, parses, and journals each callback; what is committed is applied to attempt and message
  beside the next ones, on the same cores. The first rows hold the application back, with a lock, until all are
  answered: so it does what the others do and no more, as in a burst. The next rows do not, and count until all of it
  is applied. It is one process.
- Express and Fastify verify with Twilio's own package, parse, and insert one row with a key of its own, prepared.
  They apply nothing. One process each: a second one gains nothing on two cores that PostgreSQL is on as well.
  Their pool has pg's default of 10; with slow flushes 64, which suits them better.
- pgbench inserts a row of the same size with a serial key: it verifies, parses and answers nothing.
- hello is what libh2o can answer without doing anything.
"""
import contextlib
import subprocess
import time

from house import ACCOUNT, BUILD, PSQL, PUBLIC_URL, ROOT, in_order, in_steps, load, process, say
from table import Row

TITLE = 'Callbacks'
TURNS = 6            # of each round
STEPS = 3            # of each turn, and requests in one; callbacks come two about each attempt
HELD, APPLIED, REPLIES = 8_000, 5_000, 1_500
FASTIFY, EXPRESS, HELLO = 2_000, 1_400, 25_000  # pgbench has a second: it starts with 64 cold connections
HALF = 10_000        # at half the load, once in a turn
WARM = 4_000         # requests before those that count
FEW, MANY, MANY_TURNS = 100_000, 1_000_000, 16
SLOW_US = 1000       # what a flush takes longer on a cloud's disk

CORES = 'client, gateway and PostgreSQL take turns on two cores, which are busy as said below (profile.md)'
ROWS = [
    Row('committed and answered, applied afterwards, 64 connections', 'held', to='pgbench', than='pgbench -c 64',
        at_least=1.6, bound=CORES),
    Row('', 'held', to='express', than='Express', at_least=8, bound=CORES),
    Row('', 'held', to='fastify', than='Fastify', at_least=3.5, bound=CORES),
    Row('', 'held', to='hello', than='a bare H2O reply', at_least=0.3, bound=CORES),
    Row('  p99', 'held_p99', 'ms'),
    Row('  CPU of gateway and PostgreSQL, each', 'held_cpu', 'us', at_most=25, bound='profile.md'),
    Row('  the gateway of it', 'held_gateway', 'us'),
    Row('  cores busy, with the client', 'held_busy', '%'),
    Row('committed, answered and applied, 64 connections', 'maitred', to='pgbench', than='pgbench -c 64'),
    Row('', 'maitred', to='express', than='Express'),
    Row('', 'maitred', to='fastify', than='Fastify'),
    Row('', 'maitred', to='hello', than='a bare H2O reply'),
    Row('  p50', 'maitred_p50', 'ms'),
    Row('  p99', 'maitred_p99', 'ms'),
    Row('  p99 at half that load', 'half_p99', 'ms', at_most=10,
        bound='each of gateway and PostgreSQL waits up to 4 ms for a core (profile.md)'),
    Row('  CPU with its application, each', 'maitred_cpu_applied', 'us'),
    Row('  applied', 'maitred_applied'),
    Row('256 connections', 'maitred_256', to='hello_256', than='a bare H2O reply'),
    Row('  p99', 'maitred_256_p99', 'ms'),
    Row('texts of guests, 64 connections', 'replies', to='maitred', than='status callbacks'),
    Row('  p99', 'replies_p99', 'ms'),
    Row('  CPU, each', 'replies_cpu', 'us'),
    Row('  with its application', 'replies_cpu_applied', 'us'),
    Row('  put into their threads', 'replies_applied'),
    Row('pgbench -c 64, a row each', 'pgbench'),
    Row('Express and twilio.webhook()', 'express'),
    Row('  p99', 'express_p99', 'ms'),
    Row('  CPU, each', 'express_cpu', 'us'),
    Row('Fastify and validateRequest()', 'fastify'),
    Row('  p99', 'fastify_p99', 'ms'),
    Row('  CPU, each', 'fastify_cpu', 'us'),
    Row('a bare H2O reply', 'hello'),
    Row('flushes of 1 ms: committed and answered, applied afterwards, 256 connections', 'slow_held', to='slow_pgbench',
        than='pgbench -c 64', at_least=1.5, bound=CORES),
    Row('', 'slow_held', to='slow_express', than='Express, pool of 64', at_least=10, bound=CORES),
    Row('', 'slow_held', to='slow_fastify', than='Fastify, pool of 64', at_least=3, bound=CORES),
    Row('  CPU, each: how many times less', 'slow_held_cpu', 'us', to='slow_express_cpu', than='Express', at_least=5,
        inverse=True, bound='profile.md'),
    Row('', 'slow_held_cpu', 'us', to='slow_fastify_cpu', than='Fastify', at_least=5, inverse=True,
        bound='profile.md'),
    Row('  applied meanwhile', 'slow', to='slow_pgbench', than='pgbench -c 64'),
    Row('', 'slow', to='slow_fastify', than='Fastify, pool of 64'),
    Row('  p99', 'slow_p99', 'ms'),
    Row('beside 100,000 outstanding, at random', 'few'),
    Row('  applied', 'few_applied'),
    Row('  CPU with its application, each', 'few_cpu_applied', 'us'),
    Row('beside 1,000,000 outstanding', 'many', to='few', than='100,000', at_least=0.9,
        bound='pages that no other callback has touched lately (profile.md)'),
    Row('  applied', 'many_applied', to='few_applied', than='100,000'),
    Row('  CPU with its application, each', 'many_cpu_applied', 'us', to='few_cpu_applied', than='100,000'),
]
measured_many = False  # a million attempts take their time: in the first round only


class Gateway:
    """A warm gateway, beside messages that a carrier has accepted, in threads of their own: what status callbacks are
    about; each of the guests has written once before. The pages are written out, so that each that is changed from
    here on is logged whole, as in the hours of production."""

    def __init__(self, house, server, num):
        self.house, self.pid = house, server.pid
        self.signer = house.signer(server.port)
        self.attempts, self.used, self.replies = num, 0, 0
        self.status_callbacks(WARM, 64)
        self.applied()

    def status_callbacks(self, num, connections, **options):
        """`sent` and `delivered` of attempts that were not reported on yet."""
        first, self.used = self.used, self.used + num // 2
        assert self.used <= self.attempts, f'{self.used} attempts of {self.attempts}'
        return load('callbacks', n=num, f=first, c=connections, **self.signer, **options)

    def applied(self):
        self.house.wait_empty('pending')
        expect(self.house, 'delivered', "SELECT count(*) FROM messages WHERE state = 'delivered'", self.used)

    def held(self, name, connections):
        """What is committed and answered while nothing is applied: what the gateway takes in a burst."""
        sql = 'SELECT count(*) FROM callbacks'
        before = int(self.house.psql(sql))
        with application_held_back(self.house), self.house.meter(self.pid) as m:
            run = self.status_callbacks(HELD, connections)
        expect(self.house, 'journalled', sql, before + HELD)
        self.applied()
        return {name: run['rate'], f'{name}_p99': run['p99'], f'{name}_cpu': m.cpu / HELD * 1e6,
                f'{name}_gateway': m.server / HELD * 1e6, f'{name}_busy': m.busy}

    def under_load(self, name, num, ask):
        """Until all are applied: rate, percentiles, CPU before and with the application."""
        started = time.monotonic()
        with self.house.meter(self.pid) as whole:
            with self.house.meter(self.pid) as m:
                run = ask(num)
            self.house.wait_empty('pending')
        return {name: run['rate'], f'{name}_p50': run['p50'], f'{name}_p99': run['p99'],
                f'{name}_cpu': m.cpu / num * 1e6, f'{name}_cpu_applied': whole.cpu / num * 1e6,
                f'{name}_applied': num / (time.monotonic() - started)}

    def taken(self, name, connections):
        r = self.under_load(name, APPLIED, lambda num: self.status_callbacks(num, connections))
        self.applied()
        return r

    def half_load(self, rate):
        """The p99 at half the rate."""
        run = self.status_callbacks(HALF, 64, r=int(rate / 2))
        self.applied()
        return {'half_p99': run['p99']}

    def texts(self):
        """A text from each of many guests that we know."""
        first, self.replies = self.replies, self.replies + REPLIES
        r = self.under_load('replies', REPLIES, lambda num: load('replies', n=num, f=first, c=64, **self.signer))
        expect(self.house, 'replies', "SELECT count(*) FROM messages WHERE body = 'Thanks'", self.replies)
        return r


def expect(house, what, sql, num):
    found = int(house.psql(sql))
    assert found == num, f'{what}: {found} instead of {num}'


@contextlib.contextmanager
def warm_gateway(house, num):
    """A gateway beside so many attempts that were not reported on yet, and as many more as its warm-up took."""
    house.clear()
    num += WARM // 2
    house.accepted_attempts(num)
    house.psql_untriggered(f"""
        INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, number, body,
                              encoding, segments, state, rank, provider, carrier_id)
        SELECT '{ACCOUNT}', 'msg_1' || lpad(i::text, 25, '0'), 'cnv_' || lpad(i::text, 26, '0'), 'in', 'reply',
               '+1212' || lpad(i::text, 7, '0'), '+13125550002', 'Hello', 'GSM-7', 1, 'received', 5, 'twilio',
               'SM1' || lpad(i::text, 31, '0') FROM generate_series(0, {min(num, TURNS * STEPS * REPLIES) - 1}) i;
        ANALYZE messages""")
    house.psql('CHECKPOINT', house.admin)
    with house.gateway() as server:
        yield Gateway(house, server, num)


@contextlib.contextmanager
def application_held_back(house):
    """Somebody has a lock on the attempts: callbacks are journalled, and none is applied meanwhile."""
    p = subprocess.Popen([*PSQL, house.url, '-At'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        p.stdin.write("BEGIN; LOCK TABLE attempts IN EXCLUSIVE MODE; SELECT 'held';\n")
        p.stdin.flush()
        assert p.stdout.readline() == 'held\n'
        yield
    finally:
        p.communicate('COMMIT;\n')


class Node:
    """A warm Node contender with a table of its own."""

    def __init__(self, house, name, connections, pid, port):
        self.house, self.name, self.connections, self.pid = house, name, connections, pid
        self.signer, self.stored = house.signer(port), 0
        self.callbacks(WARM)

    def callbacks(self, num):
        """It has stored them all when it has answered."""
        run = load('callbacks', n=num, f=self.stored // 2, c=self.connections, **self.signer)
        self.stored += num
        expect(self.house, f'stored by {self.name}', f'SELECT count(*) FROM {self.name}_callbacks', self.stored)
        return run

    def taken(self, key, num):
        with self.house.meter(self.pid) as m:
            run = self.callbacks(num)
        return {key: run['rate'], f'{key}_p99': run['p99'], f'{key}_cpu': m.cpu / num * 1e6}


@contextlib.contextmanager
def node(house, name, connections, pool):
    table = f'{name}_callbacks'
    house.psql(f"""CREATE TABLE {table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                       at timestamptz NOT NULL DEFAULT now(), message_sid text NOT NULL, message_status text NOT NULL,
                       sender text, target text, form json, UNIQUE (message_sid, message_status))""")
    env = dict(PGHOST=house.socket, PGUSER='maitred', PGDATABASE='maitred', POOL=str(pool), PUBLIC_URL=PUBLIC_URL,
               TABLE=table, TWILIO_AUTH_TOKEN=house.env['TWILIO_AUTH_TOKEN'], NODE_ENV='production')
    try:
        with process(['node', f'{ROOT}/tests/bench/peers/{name}.mjs'], r'port (\d+)', env) as (p, match):
            yield Node(house, name, connections, p.pid, int(match[1]))
    finally:
        house.psql(f'DROP TABLE {table}')


@contextlib.contextmanager
def bench_rows(house):
    """Yields pgbench over rows of the size of a callback, a commit each."""
    house.psql('CREATE TABLE bench_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, '
               'at timestamptz DEFAULT now(), body text)')
    try:
        yield lambda: house.pgbench(f"INSERT INTO bench_rows (body) VALUES ('{'x' * 500}');\n", 64)
    finally:
        house.psql('DROP TABLE bench_rows')


def hello(connections):
    with process([f'{BUILD}/bench/hello'], r'(\d+)') as (_, match):
        return load('get', p=match[1], t='/', n=HELLO, c=connections)['rate']


def side_by_side(house):
    """All contenders in turn; yields a turn at a time."""
    num = TURNS * (STEPS * (HELD + 2 * APPLIED) + HALF) // 2
    with warm_gateway(house, num) as ours, bench_rows(house) as pgbench, \
            node(house, 'fastify', 64, 10) as fastify, node(house, 'express', 64, 10) as express:
        all_of_them = [lambda: {'hello': hello(64)}, lambda: ours.held('held', 64), lambda: {'pgbench': pgbench()},
                       lambda: ours.taken('maitred', 64), ours.texts, lambda: fastify.taken('fastify', FASTIFY),
                       lambda: express.taken('express', EXPRESS), lambda: {'hello_256': hello(256)},
                       lambda: ours.taken('maitred_256', 256)]
        for turn in range(TURNS):
            r = in_steps(all_of_them, turn * STEPS, STEPS, lambda one, _: one())
            yield {**r, **ours.half_load(r['maitred'])}


def slow_flushes(house):
    """The same where a flush takes as long as on a cloud's disk, with many clients."""
    with warm_gateway(house, TURNS * STEPS * (HELD + APPLIED) // 2) as ours, bench_rows(house) as pgbench, \
            node(house, 'fastify', 256, 64) as fastify, node(house, 'express', 256, 64) as express:
        all_of_them = [lambda: fastify.taken('slow_fastify', FASTIFY), lambda: {'slow_pgbench': pgbench()},
                       lambda: ours.held('slow_held', 256), lambda: ours.taken('slow', 256),
                       lambda: express.taken('slow_express', EXPRESS)]
        house.flush_delay(SLOW_US)
        try:
            for turn in range(TURNS):
                yield in_steps(all_of_them, turn * STEPS, STEPS, lambda one, _: one())
        finally:
            house.flush_delay(0)


def outstanding(house):
    """As many callbacks in no order, each the first about its attempt, beside few and beside many of those: each in
    a database of its own, in turn."""
    sizes = {'few': FEW, 'many': MANY}
    num = FEW // MANY_TURNS
    with contextlib.ExitStack() as stack:
        homes = {name: house.database(f'outstanding_{name}') for name in sizes}
        gateways = {name: stack.enter_context(warm_gateway(homes[name], of)) for name, of in sizes.items()}
        for turn in range(MANY_TURNS):
            r = {}
            for name in in_order(sizes, turn):
                g, of = gateways[name], sizes[name]
                g.house.psql('CHECKPOINT', g.house.admin)
                some = dict(f=WARM // 2 + of // MANY_TURNS * turn, o=of // MANY_TURNS, c=64, **g.signer)
                r.update(g.under_load(name, num, lambda n: load('callbacks', n=n, **some)))
                g.used += num
                g.applied()
            yield r
    for home in homes.values():
        home.drop_database()


def measure(house):
    global measured_many
    yield from side_by_side(house)
    yield from slow_flushes(house)
    if not measured_many:
        measured_many = True
        say('callbacks beside a million outstanding')
        yield from outstanding(house)
