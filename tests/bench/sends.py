"""sends.py - texts taken over the API, kept, sent to a carrier and settled.

The carrier is carrier.c, the same for all: it answers as Twilio does, at once or after so many milliseconds.

Who is compared, and what each does for a text:
  maitred          commits the text before it answers, commits each attempt before a byte leaves, and commits what
                   came of it: at most once, and lost by no crash. Settled: the text is `sent` in PostgreSQL.
  Kannel           writes its store without syncing it, so that a text it has taken can be lost; keeps no record of
                   attempts, and sends twice what it did not see answered. It sends by GET, with no credentials. It
                   does call the dlr-url for each text, which maitred's account here has not asked for. Settled: the
                   carrier has seen all texts; the receipts that are still on their way are not waited for.
  graphile-worker, pg-boss
                   a Fastify process that commits a job for each request and runs the jobs: each posts the text and
                   records the carrier's id. They send again what they did not see answered. No validation, opt-outs,
                   routing or events: a queue and nothing else. Settled: all ids are in PostgreSQL.

Each first takes some that do not count, all tables are analysed, and then they are asked in turn, for a few seconds
each, and compared within a turn. Whose turn it is not is stopped: a queue that polls would take of the others' time.

Texts at a carrier's latency: maitred finds them queued. The rate is the carrier's own, of the middle eight tenths of
the time (carrier.c): what it takes to begin and the last texts, that fill no connection, are not in it. The most
that can be is connections / latency. The gateway speaks HTTP/1.1 to carriers, also where HTTP/2 is offered.
"""
import contextlib
import signal
import ssl
import sys
import time
import urllib.request

import kannel
from house import BUILD, KEY, ROOT, load, process, tell, values
from table import Row

CLIENTS = 64
CONNECTIONS = 200
TURNS = 7           # of each round
SLOW_TURNS = 2      # ... to carriers that take their time
OURS, KANNEL, QUEUE = 6000, 6000, 2000  # texts of a contender's turn
LATENCIES = {50: 10000, 200: 4000}  # ms: how many texts, of 2 to 4 seconds
WAYS = {'http': 'HTTP', 'tls': 'TLS', 'http2': 'TLS, HTTP/2 offered'}
DATABASE = 'PostgreSQL: four statements and four commits take 400 us of its CPU for each text (profile.md)'
PEERS = f'{ROOT}/tests/bench/peers'

TITLE = 'Sends'
ROWS = [
    Row('accepted, 64 clients', 'accepted'),
    Row('accepted, sent and settled', 'settled', to='kannel', than='Kannel', at_least=2, bound=DATABASE),
    Row('', 'settled', to='kannel_pgsql', than='Kannel with receipts in PostgreSQL',
        at_least=3, bound=DATABASE),
    Row('', 'settled', to='graphile', than='graphile-worker', at_least=3, bound=DATABASE),
    Row('', 'settled', to='pgboss', than='pg-boss', at_least=3, bound=DATABASE),
    Row('CPU of a text, PostgreSQL with it', 'cpu', unit='us', at_most=80, bound=DATABASE),
    Row('  cores busy, with client and carrier', 'busy', unit='%'),
    Row('  Kannel', 'kannel'),
    Row('  ... its CPU', 'kannel_cpu', unit='us'),
    Row('  Kannel with receipts in PostgreSQL', 'kannel_pgsql'),
    Row('  ... its CPU', 'kannel_pgsql_cpu', unit='us'),
    Row('  graphile-worker', 'graphile'),
    Row('  ... its CPU', 'graphile_cpu', unit='us'),
    Row('  pg-boss', 'pgboss'),
    Row('  ... its CPU', 'pgboss_cpu', unit='us'),
    *[row for ms in LATENCIES for row in (
        *[Row(f'to a carrier of {ms} ms, {CONNECTIONS} connections, {name}', f'{key}_{ms}', to=f'most_{ms}',
              than='connections / latency', at_least=0.95,
              bound='the one connection of claims, openings and settlements (profile.md)')
          for key, name in WAYS.items()],
        Row('  cores busy, over the last of these', f'busy_{ms}', unit='%'))],
    Row('  Kannel, 50 ms, HTTP', 'kannel_50', to='most_50', than='connections / latency'),
]


# ---- the carrier ----

class Carrier:
    """carrier.c while it runs."""

    def __init__(self, port, tls):
        self.port = port
        self.url = f'http{"s" if tls else ""}://127.0.0.1:{port}'
        self.trust = ssl.create_default_context(cafile=tls) if tls else None

    def seen(self):
        """What it has seen so far: answered, rate, most (connections) ..."""
        return values(urllib.request.urlopen(f'{self.url}/count', context=self.trust).read().decode())

    def await_sends(self, num, seconds=60):
        end = time.monotonic() + seconds
        while (seen := self.seen())['answered'] < num:
            if time.monotonic() > end:
                sys.exit(f'not within {seconds} s: {num} sends; the carrier has seen {seen}')
            time.sleep(0.02)
        return seen


@contextlib.contextmanager
def carrier(house, ms=0, way='http'):
    cert, key = house.certificate()
    options = [] if way == 'http' else ['-c', cert, '-k', key]
    options += ['-2'] if way == 'http2' else []
    with process([f'{BUILD}/bench/carrier', *options, str(ms)], r'^(\d+)$') as (_, match):
        yield Carrier(match[1], cert if options else '')


# ---- from the API to the carrier ----

class Contender:
    """Takes texts over its API and sends them to a carrier of its own; it is stopped while others have their turn."""

    def __init__(self, at, pids, settled, mode='messages', **target):
        self.at, self.pids, self.settled, self.mode, self.target = at, pids, settled, mode, target
        self.taken = 0

    def take(self, num):
        """Returns texts per second until they were accepted, and until they were settled."""
        accepted = load(self.mode, n=num, f=self.taken, c=CLIENTS, **self.target)
        then = time.monotonic()
        self.taken += num
        self.at.await_sends(self.taken)
        self.settled(self.taken)
        assert self.at.seen()['answered'] == self.taken, self.at.seen()
        return accepted['rate'], num / (accepted['seconds'] + time.monotonic() - then)

    def turn(self, house, num):
        """How fast they are accepted, and settled; CPU of each in us; how busy the machine was."""
        tell(self.pids, signal.SIGCONT)
        with house.meter(*self.pids) as m:
            accepted, settled = self.take(num)
        house.wait_quiet(*self.pids)
        tell(self.pids, signal.SIGSTOP)
        return {'accepted': accepted, 'settled': settled, 'cpu': 1e6 * m.cpu / num, 'busy': m.busy}


@contextlib.contextmanager
def gateway(house, at):
    """A gateway that sends to this carrier only; its tables are empty."""
    house.clear()
    trust = {'SSL_CERT_FILE': house.certificate()[0]} if at.trust else {}
    with house.gateway(TWILIO_BASE_URL=at.url, SEND_CONCURRENCY=str(CONNECTIONS), CARRIER_ORDER='twilio',
                       **trust) as g:
        yield g


def check_sent(house, num):
    """Each text is `sent`, by one attempt. Others of its attempts may have ended before a byte of them left."""
    sent = house.psql("SELECT (SELECT count(*) FROM messages WHERE state = 'sent'), count(DISTINCT carrier_id), "
                      "count(carrier_id) FROM attempts")
    assert sent == f'{num}|{num}|{num}', sent


@contextlib.contextmanager
def ours(house):
    with carrier(house) as at, gateway(house, at) as g:
        yield Contender(at, [g.pid], lambda _: house.wait_empty('queue'), p=g.port, k=KEY)


@contextlib.contextmanager
def kannel_with(house, receipts):
    with carrier(house) as at, kannel.running(house, at.port, receipts, CONNECTIONS) as k:
        yield Contender(at, k.pids, lambda _: None, 'gets', p=k.port, t=k.target)


@contextlib.contextmanager
def queue(house, name):
    """A queue on PostgreSQL, in schemas of its own."""
    drop = f'DROP SCHEMA IF EXISTS {name} CASCADE; DROP SCHEMA IF EXISTS {name}_jobs CASCADE'
    house.psql(drop)
    try:
        with carrier(house) as at:
            args = ['node', f'{PEERS}/{name}.mjs', house.socket, at.port, name]
            with process(args, r'port (\d+)') as (p, match):
                yield Contender(at, [p.pid],
                                lambda num: house.wait_until(f'SELECT count(*) FROM {name}.sent', str(num)),
                                p=match[1], k=KEY)
    finally:
        house.psql(drop)


def side_by_side(house):
    """All contenders in turn; yields a turn at a time."""
    with contextlib.ExitStack() as stack:
        contenders = {name: (stack.enter_context(made), num) for name, made, num in (
            ('maitred', ours(house), OURS), ('kannel', kannel_with(house, 'internal'), KANNEL),
            ('kannel_pgsql', kannel_with(house, 'pgsql'), KANNEL),
            ('graphile', queue(house, 'graphile'), QUEUE), ('pgboss', queue(house, 'pgboss'), QUEUE))}
        for c, num in contenders.values():
            c.take(num // 2)
            house.wait_quiet(*c.pids)
            tell(c.pids, signal.SIGSTOP)
        house.psql('ANALYZE')
        house.psql('CHECKPOINT', house.admin)
        for _ in range(TURNS):
            maitred = contenders['maitred'][0]
            r = maitred.turn(house, OURS)
            check_sent(house, maitred.taken)
            for name, (c, num) in list(contenders.items())[1:]:
                figures = c.turn(house, num)
                r[name], r[f'{name}_cpu'] = figures['settled'], figures['cpu']
            yield r


# ---- a carrier that takes its time ----

def drain(house, ms, way):
    """Texts per second by the carrier's clock, through a gateway that finds them queued; how busy the machine was."""
    num = LATENCIES[ms]
    with carrier(house, ms, way) as at, gateway(house, at):
        house.queue_messages(num)
        with house.meter() as m:
            seen = at.await_sends(num)
        house.wait_empty('queue')
        check_sent(house, num)
    assert seen['most'] <= CONNECTIONS * 1.1, seen  # who asks for the count has one, and a few are closing
    return seen['rate'], m.busy


def drain_kannel(house, ms):
    """Kannel has no queue that is filled beforehand: its API is asked much faster than it may send."""
    num = LATENCIES[ms]
    with carrier(house, ms) as at, kannel.running(house, at.port, 'internal', CONNECTIONS) as k:
        load('gets', n=num, c=CLIENTS, p=k.port, t=k.target)
        return at.await_sends(num)['rate']


def slow_carriers(house):
    r = {}
    for ms in LATENCIES:
        r[f'most_{ms}'] = 1000 * CONNECTIONS / ms
        for way in WAYS:
            r[f'{way}_{ms}'], r[f'busy_{ms}'] = drain(house, ms, way)
    return {**r, 'kannel_50': drain_kannel(house, 50)}


def measure(house):
    yield from side_by_side(house)
    for _ in range(SLOW_TURNS):
        yield slow_carriers(house)
