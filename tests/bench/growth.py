"""growth.py - what an operation takes as the house fills: beside 10 thousand, 1 million and 10 million messages of
history, with 1,000 accounts, with 100,000 messages queued, beside a snapshot that somebody holds, with more processes.

Each size of history is a database of its own in the same cluster, with a gateway of its own, and each operation is
measured in all of them in turn, and compared within a turn. Read the CPU that one operation takes, PostgreSQL's
with it. The machine's speed wanders from one second to the next: so a turn is short steps, one size after the other,
and what must be there is put there before.
"""
import concurrent.futures
import contextlib
import os
import re
import signal
import statistics
import subprocess
import time

from house import ACCOUNT, KEY, MAITRED, ROOT, in_order, in_steps, load, resident_mib, say, tell
from table import Row

TITLE = 'Growth'
ROUNDS = 1  # filling the histories takes longest
TURNS = 12  # of each operation
STEPS = 5   # of each turn, one size after the other
DRAINS = 16  # turns of a full queue
DRAINED = 8000
RESTORES = 5
SIZES = {'10k': 10_000, '1m': 1_000_000, 'all': int(os.environ.get('HISTORY') or 10_000_000)}
MANY = f'{SIZES["all"]:,}'
OPERATIONS = {'message': ('message accepted, sent, settled', 400),  # ... and how many in a step
              'callback': ('callback journalled and applied', 2000), 'notify': ('press of Notify, sent', 80),
              'board': ('board of 50 parties', 300), 'threads': ('page of threads', 600)}
DUE = {'claim_1k': (1000, 0), 'claim_100k': (100_000, 0), 'claim_later': (1000, 100_000)}  # now, and in an hour
BOUND = 'PostgreSQL, as far as it is known (profile.md)'
CLAIM = ['jit=off', 'enable_bitmapscan=off', 'max_parallel_workers_per_gather=0',
         'plan_cache_mode=force_custom_plan', 'maitred.account=*']  # as the gateway's own connections have it

ROWS = [row for key, (name, _) in OPERATIONS.items() for row in (
    Row(f'{name}: CPU beside 10,000 of history', f'{key}_10k', 'us'),
    Row(f'{name}: beside 1,000,000', f'{key}_1m', 'us', f'{key}_10k', '10,000', at_most=1.15, bound=BOUND),
    Row(f'{name}: beside {MANY}', f'{key}_all', 'us', f'{key}_10k', '10,000', at_most=1.15, bound=BOUND))] + [
    Row('500 messages past their time deleted: beside 10,000', 'retain_10k', 'ms'),
    Row('500 messages past their time deleted: beside 1,000,000', 'retain_1m', 'ms', 'retain_10k', '10,000'),
    Row(f'500 messages past their time deleted: beside {MANY}', 'retain_all', 'ms', 'retain_10k', '10,000'),
    Row('claim of 400 messages, 1,000 due', 'claim_1k', 'ms'),
    Row('claim of 400 messages, 100,000 due', 'claim_100k', 'ms', 'claim_1k', '1,000 due'),
    Row('claim of 400 messages, 1,000 due and 100,000 for later', 'claim_later', 'ms', 'claim_1k', '1,000 due'),
    Row('8,000 queued, sent and settled', 'drained'),
    Row('8,000 queued: CPU of each', 'drained_us', 'us'),
    Row('100,000 queued: CPU of each', 'drained_100k_us', 'us', 'drained_us', '8,000', at_most=1.15, bound=BOUND),
    Row('8,000 queued of 1,000 accounts: CPU of each', 'drained_accounts_us', 'us', 'drained_us', '1 account',
        at_most=1.15, bound=BOUND),
    Row('8,000 queued beside a held snapshot: CPU of each', 'drained_held_us', 'us', 'drained_us', 'without',
        at_most=1.15, bound=BOUND),
    Row('8,000 queued, 2 processes', 'drained_2', '/s', 'drained', '1 process'),
    Row('8,000 queued, 4 processes', 'drained_4', '/s', 'drained', '1 process'),
    Row('8,000 queued, 4 processes: CPU of each', 'drained_4_us', 'us', 'drained_us', '1 process'),
    Row('gateway with 100,000 queued', 'drained_100k_mib', 'MiB', at_most=96),
    Row('backup of 1,000,000 messages', 'backup_s', 's'),
    Row('restore of it', 'restore_s', 's', 'pg_restore_s', 'pg_restore alone'),
]


# ---- beside a history ----

def fill_history(house, num):
    """Messages of the last 400 days, each with an attempt and a receipt; ten to a guest."""
    each = max(num // 9600, 1)  # of an hour
    hours = num // each
    middle = hours // 2 // 10 * 10  # no guest is on both sides of it
    with concurrent.futures.ThreadPoolExecutor(2) as pool:  # a core for each half
        list(pool.map(lambda part: fill_hours(house, num, each, *part), ((0, middle), (middle, hours))))
    # a VACUUM for each: it may not stand in a transaction
    for t in ('conversations', 'messages', 'attempts', 'receipts'):
        house.psql(f'VACUUM ANALYZE {t}')
    house.psql('CHECKPOINT', house.admin)  # each page that is changed after one is logged whole


def fill_hours(house, num, each, first, end):
    """The messages of some hours. Their ids are made from one of each hour: making each bit by bit takes longer than
    all the rest."""
    house.psql_untriggered(f"""
        CREATE TEMP TABLE hours AS
        SELECT h, t, substr(id_of('msg', t, 0), 5, 10) AS head FROM generate_series({first}, {end - 1}) h,
               LATERAL (SELECT now() - interval '400 days' * (1 - h::float8 * {each} / {num}) AS t) at;
        CREATE TEMP TABLE things AS
        SELECT t, head || lpad(n::text, 16, '0') AS id, n, n / 10 AS guest
        FROM hours, LATERAL (SELECT (h * {each} + i)::bigint AS n FROM generate_series(0, {each - 1}) i) each;
        INSERT INTO conversations (account_id, conversation_id, phone, last_message_id, created_at)
        SELECT '{ACCOUNT}', 'cnv_' || min(id), '+1312' || lpad(guest::text, 7, '0'), 'msg_' || max(id), min(t)
        FROM things GROUP BY guest;
        INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, body, encoding,
                              segments, state, rank, created_at, ended_at)
        SELECT '{ACCOUNT}', 'msg_' || id, 'cnv_' || first_value(id) OVER (PARTITION BY guest ORDER BY n), 'out',
               'message', '+1312' || lpad(guest::text, 7, '0'), 'Your table is ready.', 'GSM-7', 1, 'delivered', 5,
               t, t FROM things;
        INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, number, state, carrier_id,
                              opened_at, dead_at, ended_at)
        SELECT '{ACCOUNT}', 'att_' || id, 'msg_' || id, 1, 'twilio', '+13125550002', 'finalised', 'SM' || id, t, t, t
        FROM things;
        INSERT INTO receipts (account_id, attempt_id, event_id, status, status_text, received_at)
        SELECT '{ACCOUNT}', 'att_' || id, 'e', 'delivered', 'delivered', t FROM things""")


def prepare(house, operation):
    """Before all turns of an operation. What is changed for the first time after it is logged whole, and no page that
    was changed before it must be written out to make room."""
    if operation == 'callback':
        house.accepted_attempts(OPERATIONS[operation][1] // 2 * STEPS * TURNS)
    elif operation == 'board':
        house.put_parties(50)
    house.psql('CHECKPOINT', house.admin)


def ask(house, server, operation, step):
    """One operation, so often that it can be measured; what one takes, in us."""
    num = OPERATIONS[operation][1]
    with house.meter(server.pid) as m:
        if operation == 'message':
            load('messages', p=server.port, n=num, f=num * step, c=64, k=KEY)
            house.wait_empty('queue')
        elif operation == 'callback':
            load('callbacks', n=num, f=num // 2 * step, c=64, **house.signer(server.port))
            house.wait_empty('pending')
        elif operation == 'notify':
            load('posts', p=server.port, t='/v1/parties/pty_{}/notify', n=num, f=num * (step % STEPS), c=64, k=KEY)
            house.wait_empty('queue')
        else:
            target = {'board': '/v1/parties', 'threads': '/v1/conversations'}[operation]
            load('get', p=server.port, t=target, n=num, c=64, k=KEY)
    return m.cpu / num * 1e6


def session(house):
    """psql's environment with the settings of the gateway's own connections."""
    return {**os.environ, 'PGOPTIONS': ' '.join(f'-c {option}' for option in CLAIM)}


def timed(house, script, every=1, at=0):
    """The median of the times of each so many-th statement of a script, in ms."""
    out = subprocess.run(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', house.url], input='\\timing on\n' + script,
                         check=True, capture_output=True, text=True, env=session(house)).stdout
    return statistics.median([float(t) for t in re.findall(r'^Time: ([\d.]+) ms', out, re.M)][at::every])


def retain_from(house, days):
    """What is older is deleted, if it is a number; the gateway's worker comes too seldom to get anything of it."""
    house.psql(f"""UPDATE accounts SET retain_days = {days} WHERE account_id = '{ACCOUNT}';
                   INSERT INTO retained (account_id, what, due_at)
                   SELECT '{ACCOUNT}', w, CASE w WHEN 'messages' THEN now() ELSE 'infinity' END
                   FROM unnest(ARRAY['messages', 'parties', 'bookings', 'deliveries', 'conversations']) w
                   ON CONFLICT (account_id, what) DO UPDATE SET due_at = excluded.due_at, swept_to = ''""")


def retain_ms(house):
    """A batch of retention, as the worker runs it: 500 messages, after one that is there for its plans."""
    return timed(house, 'SELECT retain(1) \\g /dev/null\nSELECT retain(500) \\g /dev/null\n', at=1)


def retentions(homes):
    """Batches of retention beside each history; yields a turn at a time."""
    def messages():
        return {size: int(home.psql('SELECT count(*) FROM messages')) for size, home in homes.items()}

    before = messages()
    prepare(homes['1m'], 'retention')
    for turn in range(TURNS):
        for home in homes.values():
            retain_from(home, '1')
        yield in_steps(homes, turn * STEPS, STEPS, lambda size, _: {f'retain_{size}': retain_ms(homes[size])})
        for home in homes.values():
            retain_from(home, 'NULL')
    assert messages() == {size: num - TURNS * STEPS * 501 for size, num in before.items()}


def histories(house):
    """Each operation beside each history, in turn; yields a turn of one at a time."""
    with contextlib.ExitStack() as stack:
        homes = {}
        for size, num in SIZES.items():
            say(f'growth: a history of {num:,}')
            homes[size] = house.database(f'history_{size}')
            fill_history(homes[size], num)
        servers = {size: stack.enter_context(home.gateway()) for size, home in homes.items()}
        for operation, (name, _) in OPERATIONS.items():
            say(f'growth: {name}')
            for home in homes.values():
                prepare(home, operation)
            for turn in range(TURNS):
                if operation == 'notify':
                    for home in homes.values():
                        home.put_parties(OPERATIONS[operation][1] * STEPS)
                yield in_steps(homes, turn * STEPS, STEPS, lambda size, step: {
                    f'{operation}_{size}': ask(homes[size], servers[size], operation, step)})
    say('growth: retention, backup and restore')
    yield from retentions(homes)
    yield from restores(homes['1m'])
    for home in homes.values():
        home.drop_database()


def restores(house):
    """A backup of the history, and into an empty database again: what the gateway adds to pg_restore is the schema's
    check, the mark and the wishes."""
    there = house.psql('SELECT count(*) FROM messages')
    start = time.monotonic()
    run_with(house, MAITRED, 'backup', f'{house.folder}/backups')
    yield {'backup_s': time.monotonic() - start}
    file = next(f.path for f in os.scandir(f'{house.folder}/backups') if f.name.endswith('.dump'))
    ways = {'pg_restore_s': ('pg_restore', '-d', house.url, '--no-owner', '--no-acl', '--single-transaction', file),
            'restore_s': (MAITRED, 'restore', file)}
    for turn in range(RESTORES):
        r = {}
        for way in in_order(ways, turn):
            house.drop_database()
            house.create_database()
            start = time.monotonic()
            run_with(house, *ways[way])
            r[way] = time.monotonic() - start
            assert house.psql('SELECT count(*) FROM messages') == there
        yield r


def run_with(house, *args):
    subprocess.run(args, check=True, capture_output=True, env={**os.environ, **house.env})


# ---- a full queue ----

def claim_ms(house):
    """The median of ten claims on one connection with the gateway's settings, each undone."""
    with open(f'{ROOT}/db/sql/queue_claim.sql') as f:
        script = f'VACUUM queue;\nPREPARE claim (text, bigint, bigint) AS {f.read()};\n'
    script += "BEGIN;\nEXECUTE claim ('bench/1', 400, 60000) \\g /dev/null\nROLLBACK;\n" * 10
    return timed(house, script, every=3, at=3)


def claims(house):
    """What a claim takes where few or many are due, or later; yields a turn at a time. How long the queues are is
    known, which the gateway sees to."""
    say('growth: claims')
    homes = {}
    for name, (due, later) in DUE.items():
        homes[name] = home = house.database(name)
        home.queue_messages(due)
        home.queue_messages(later, due, "interval '1 hour'")
        home.psql('ANALYZE queue')
    for turn in range(TURNS):
        yield in_steps(homes, turn * STEPS, STEPS, lambda name, _: {name: claim_ms(homes[name])})
    for home in homes.values():
        home.drop_database()


@contextlib.contextmanager
def held_snapshot(house):
    """Somebody who has read and does not end: nothing that is deleted meanwhile can be cleaned up."""
    p = subprocess.Popen(['psql', '-XAtq', '-d', house.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        p.stdin.write('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM queue;\n')
        p.stdin.flush()
        p.stdout.readline()
        yield
        held = house.psql("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' "
                          "AND backend_xmin IS NOT NULL")
        assert held == '1', held
    finally:
        p.kill()
        p.wait()


@contextlib.contextmanager
def filled(house, num, processes=1, snapshot=False, accounts=None):
    """Messages in the queue, and gateways that hold still until they are told to go on: yields their pids."""
    house.clear()
    with contextlib.ExitStack() as stack:
        pids = [stack.enter_context(house.gateway()).pid for _ in range(processes)]
        tell(pids, signal.SIGSTOP)
        stack.enter_context(held_snapshot(house) if snapshot else contextlib.nullcontext())
        house.queue_messages(num, accounts=accounts)
        yield pids


def sent(house):
    return int(house.psql("SELECT count(*) FROM messages WHERE state = 'sent'"))


def drain(house, **options):
    """Messages that are queued, sent and settled: per second, and us of CPU for each."""
    with filled(house, DRAINED, **options) as pids:
        with house.meter(*pids) as m:
            tell(pids, signal.SIGCONT)
            house.wait_empty('queue')
        assert sent(house) == DRAINED, sent(house)
    return DRAINED / m.seconds, m.cpu / DRAINED * 1e6


def drain_of_many(house, num):
    """What the first of so many take, in three seconds: us of CPU for each, MiB of the gateway."""
    with filled(house, num) as pids:
        with house.meter(*pids) as m:
            tell(pids, signal.SIGCONT)
            time.sleep(3)
            tell(pids, signal.SIGSTOP)
            house.wait_quiet()
        return m.cpu / sent(house) * 1e6, resident_mib(pids[0])


def queues(house):
    """What a full queue costs, of one account and of many, beside a snapshot, and with more processes; yields a turn
    at a time."""
    house.accounts(1000)
    drains = {'drained_2': {'processes': 2}, 'drained_accounts': {'accounts': 1000}, 'drained': {},
              'drained_held': {'snapshot': True}, 'drained_4': {'processes': 4}}
    for turn in range(DRAINS):
        say(f'growth: a full queue, turn {turn + 1}')
        r = {}
        for name in in_order(drains, turn):
            r[name], r[f'{name}_us'] = drain(house, **drains[name])
        r['drained_100k_us'], r['drained_100k_mib'] = drain_of_many(house, 100000)
        yield r


def measure(house):
    yield from claims(house)
    yield from queues(house)
    yield from histories(house)
