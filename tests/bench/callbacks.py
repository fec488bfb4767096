"""callbacks.py - signed callbacks, verified, committed and answered.

Fairness. All get the very same requests from one client, on the same machine and in the same cluster, each after
a warm-up, and the address is signed in the form that each tries first. Those that are compared run next to each
other.

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
import statistics
import subprocess
import time
import types

from house import ACCOUNT, BUILD, PSQL, PUBLIC_URL, ROOT, load, process, say
from table import Row

TITLE = 'Callbacks'
ATTEMPTS = 20_000    # two callbacks about each
REPLIES = 4_000
WARM = 4_000         # requests before those that count
FEW, MANY, TURNS = 50_000, 1_000_000, 5
SLOW_US = 1000       # what a flush takes longer on a cloud's disk

CORES = 'client, gateway and PostgreSQL take turns on two cores, which are busy as said below (profile.md)'
ROWS = [
    Row('committed and answered, applied afterwards, 64 connections', 'held', to='pgbench', than='pgbench -c 64', at_least=1.6, bound=CORES),
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
    Row('  p99 at half that load', 'half_p99', 'ms', at_most=10, bound='not established: applied in smaller batches it is the same (profile.md)'),
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
    Row('flushes of 1 ms: committed and answered, applied afterwards, 256 connections', 'slow_held', to='slow_pgbench', than='pgbench -c 64', at_least=1.5,
        bound=CORES),
    Row('', 'slow_held', to='slow_express', than='Express, pool of 64', at_least=10, bound=CORES),
    Row('', 'slow_held', to='slow_fastify', than='Fastify, pool of 64', at_least=3, bound=CORES),
    Row('  CPU, each: how many times less', 'slow_held_cpu', 'us', to='slow_express_cpu', than='Express', at_least=5,
        inverse=True, bound='profile.md'),
    Row('', 'slow_held_cpu', 'us', to='slow_fastify_cpu', than='Fastify', at_least=5, inverse=True,
        bound='profile.md'),
    Row('  applied meanwhile', 'slow', to='slow_pgbench', than='pgbench -c 64'),
    Row('', 'slow', to='slow_fastify', than='Fastify, pool of 64'),
    Row('  p99', 'slow_p99', 'ms', to='slow_fastify_p99', than="Fastify's"),
    Row('beside 50,000 outstanding, at random', 'few'),
    Row('  applied', 'few_applied'),
    Row('  CPU with its application, each', 'few_cpu_applied', 'us'),
    Row('beside 1,000,000 outstanding', 'many', to='few', than='50,000', at_least=0.9, bound='pages from outside the shared buffers, and more that is not established (profile.md)'),
    Row('  applied', 'many_applied', to='few_applied', than='50,000'),
    Row('  CPU with its application, each', 'many_cpu_applied', 'us', to='few_cpu_applied', than='50,000'),
]
measured_many = False  # a million attempts take their time: in the first round only


def prepare_attempts(house, num):
    """Messages that a carrier has accepted, in threads of their own: what status callbacks are about; each of
    the guests has written once before. The pages are written out, so that each that is changed from here on is
    logged whole, as in the hours of production."""
    house.clear()
    house.accepted_attempts(num)
    house.psql(f"""
        ALTER TABLE messages DISABLE TRIGGER USER;
        INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, number, body,
                              encoding, segments, state, rank, provider, carrier_id)
        SELECT '{ACCOUNT}', 'msg_1' || lpad(i::text, 25, '0'), 'cnv_' || lpad(i::text, 26, '0'), 'in', 'reply',
               '+1212' || lpad(i::text, 7, '0'), '+13125550002', 'Hello', 'GSM-7', 1, 'received', 5, 'twilio',
               'SM1' || lpad(i::text, 31, '0') FROM generate_series(0, {min(num, ATTEMPTS) - 1}) i;
        ALTER TABLE messages ENABLE TRIGGER USER; ANALYZE messages""")
    house.psql('CHECKPOINT', house.admin)


def from_twilio(house, port, **options):
    """The options of load for requests that Twilio signed."""
    return dict(**house.signer(port), **options)


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


def journalled(house, name, connections):
    """What is committed and answered while nothing is applied: what the gateway takes in a burst."""
    with warm_gateway(house, ATTEMPTS) as g:
        options = from_twilio(house, g.port, n=2 * ATTEMPTS, c=connections)
        with application_held_back(house), house.meter(g.pid) as m:
            run = load('callbacks', **options)
        expect(house, 'journalled', 'SELECT count(*) FROM callbacks', 2 * ATTEMPTS + WARM)
        house.wait_empty('pending')
        delivered(house, ATTEMPTS + WARM // 2)
    return {name: run['rate'], f'{name}_p99': run['p99'], f'{name}_cpu': m.cpu / (2 * ATTEMPTS) * 1e6,
            f'{name}_gateway': m.server / (2 * ATTEMPTS) * 1e6, f'{name}_busy': m.busy}


def under_load(house, name, pid, mode, options):
    """Callbacks to the gateway until all are applied: rate, percentiles, CPU before and with the application."""
    started = time.monotonic()
    with house.meter(pid) as whole:
        with house.meter(pid) as m:
            run = load(mode, **options)
        house.wait_empty('pending')
    num = options['n']
    return {name: run['rate'], f'{name}_p50': run['p50'], f'{name}_p99': run['p99'],
            f'{name}_cpu': m.cpu / num * 1e6, f'{name}_cpu_applied': whole.cpu / num * 1e6,
            f'{name}_applied': num / (time.monotonic() - started)}


def expect(house, what, sql, num):
    found = int(house.psql(sql))
    assert found == num, f'{what}: {found} instead of {num}'


def delivered(house, num):
    expect(house, 'delivered', "SELECT count(*) FROM messages WHERE state = 'delivered'", num)


@contextlib.contextmanager
def warm_gateway(house, num):
    """A gateway beside so many attempts that were not reported on yet, and as many more as its warm-up took."""
    prepare_attempts(house, num + WARM // 2)
    with house.gateway() as g:
        load('callbacks', **from_twilio(house, g.port, n=WARM, f=num, c=64))
        house.wait_empty('pending')
        yield g


def maitred(house, name, connections):
    """Two callbacks about each attempt, sent and delivered."""
    with warm_gateway(house, ATTEMPTS) as g:
        r = under_load(house, name, g.pid, 'callbacks', from_twilio(house, g.port, n=2 * ATTEMPTS, c=connections))
        delivered(house, ATTEMPTS + WARM // 2)
    return r


def half_load(house, rate):
    """The p99 at half the rate, over 1.5 s."""
    num = int(rate / 2 * 1.5) // 2 * 2
    with warm_gateway(house, num // 2) as g:
        run = load('callbacks', **from_twilio(house, g.port, n=num, c=64, r=int(rate / 2)))
        house.wait_empty('pending')
        delivered(house, num // 2 + WARM // 2)
    return {'half_p99': run['p99']}


def replies(house):
    """A text from each of many guests that we know."""
    with warm_gateway(house, REPLIES) as g:
        r = under_load(house, 'replies', g.pid, 'replies', from_twilio(house, g.port, n=REPLIES, c=64))
        expect(house, 'replies', "SELECT count(*) FROM messages WHERE body = 'Thanks'", REPLIES)
    return r


def outstanding(house):
    """As many callbacks in no order, each the first about its attempt, beside few and beside many of those: each in
    a database of its own, in turn."""
    sizes = {'few': FEW, 'many': MANY}
    num = FEW // TURNS
    found = {}
    with contextlib.ExitStack() as stack:
        homes = {name: house.database(f'outstanding_{name}') for name in sizes}
        gateways = {name: stack.enter_context(warm_gateway(homes[name], of)) for name, of in sizes.items()}
        for turn in range(TURNS):
            for name, of in sizes.items():
                home, g = homes[name], gateways[name]
                home.psql('CHECKPOINT', home.admin)
                run = under_load(home, name, g.pid, 'callbacks',
                                 from_twilio(home, g.port, n=num, f=of // TURNS * turn, o=of // TURNS, c=64))
                for key, figure in run.items():
                    found.setdefault(key, []).append(figure)
        for home in homes.values():
            delivered(home, FEW + WARM // 2)
    for home in homes.values():
        home.drop_database()
    return {key: statistics.median(figures) for key, figures in found.items()}


@contextlib.contextmanager
def node(house, name, pool):
    """A Node contender with a table of its own: .port and .pid."""
    house.psql("""CREATE TABLE node_callbacks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                      at timestamptz NOT NULL DEFAULT now(), message_sid text NOT NULL, message_status text NOT NULL,
                      sender text, target text, form json, UNIQUE (message_sid, message_status))""")
    env = dict(PGHOST=house.socket, PGUSER='maitred', PGDATABASE='maitred', POOL=str(pool), PUBLIC_URL=PUBLIC_URL,
               TWILIO_AUTH_TOKEN=house.env['TWILIO_AUTH_TOKEN'], NODE_ENV='production')
    try:
        with process(['node', f'{ROOT}/tests/bench/peers/{name}.mjs'], r'port (\d+)', env) as (p, match):
            yield types.SimpleNamespace(port=int(match[1]), pid=p.pid)
    finally:
        house.psql('DROP TABLE node_callbacks')


def peer(house, name, num, connections, pool=10, key=None):
    """The same callbacks to a Node contender, which has stored them all when it has answered."""
    key = key or name
    with node(house, name, pool) as n:
        load('callbacks', **from_twilio(house, n.port, n=WARM, f=num, c=connections))
        house.psql('CHECKPOINT', house.admin)
        with house.meter(n.pid) as m:
            run = load('callbacks', **from_twilio(house, n.port, n=num, c=connections))
        expect(house, f'stored by {name}', 'SELECT count(*) FROM node_callbacks', num + WARM)
    return {key: run['rate'], f'{key}_p99': run['p99'], f'{key}_cpu': m.cpu / num * 1e6}


def pgbench(house):
    """Rows of the size of a callback, a commit each."""
    house.psql('CREATE TABLE bench_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, '
               'at timestamptz DEFAULT now(), body text)')
    house.psql('CHECKPOINT', house.admin)
    try:
        return house.pgbench(f"INSERT INTO bench_rows (body) VALUES ('{'x' * 500}');\n", 64)
    finally:
        house.psql('DROP TABLE bench_rows')


def hello(connections):
    with process([f'{BUILD}/bench/hello'], r'(\d+)') as (_, match):
        return load('get', p=match[1], t='/', n=200_000, c=connections)['rate']


def slow_flushes(house):
    """The same where a flush takes as long as on a cloud's disk, with many clients."""
    house.flush_delay(SLOW_US)
    try:
        r = {'slow_pgbench': pgbench(house), **maitred(house, 'slow', 256), **journalled(house, 'slow_held', 256)}
        r.update(peer(house, 'fastify', 24_000, 256, 64, 'slow_fastify'))
        r.update(peer(house, 'express', 12_000, 256, 64, 'slow_express'))
    finally:
        house.flush_delay(0)
    return r


def measure(house):
    global measured_many
    r = {'hello': hello(64), 'pgbench': pgbench(house)}
    r.update(journalled(house, 'held', 64))
    r.update(maitred(house, 'maitred', 64))
    r.update(peer(house, 'fastify', 30_000, 64))
    r.update(peer(house, 'express', 14_000, 64))
    r.update(half_load(house, r['maitred']))
    r.update(replies(house))
    r['hello_256'] = hello(256)
    r.update(maitred(house, 'maitred_256', 256))
    r.update(slow_flushes(house))
    if not measured_many:
        measured_many = True
        say('callbacks beside a million outstanding')
        r.update(outstanding(house))
    return r
