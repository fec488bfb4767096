"""house.py - what every part of `make bench` stands in: a cluster of its own, the gateway, who asks it, and meters.

One PostgreSQL for all that is compared, with settings that favour nobody; its flushes can be made as slow as a
cloud's disk (flush_delay). CPU is read from /proc, in ticks of 10 ms: measure for a second at least, at once
or in steps.
"""
import base64
import collections
import contextlib
import copy
import glob
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import types
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get('B') or f'{ROOT}/build')
MAITRED = f'{BUILD}/maitred'
PSQL = ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d']
ACCOUNT = 'acc_00000000000000000000000000'
KEY = 'mk_demo_0000000000000000000000000000'
TABLES = 'messages, attempts, receipts, conversations, queue, callbacks, pending, turns'
PUBLIC_URL = 'https://gw.example.com'  # no port: whoever verifies Twilio's signature tries this form first
TICK = os.sysconf('SC_CLK_TCK')
# max_connections: all contenders are open at once; max_wal_size: no checkpoint falls into one contender's turn and not
# into another's; jit: nobody's statements are worth compiling, and what fills the tables was compiled for each row
SETTINGS = ['shared_buffers=512MB', 'max_connections=300', 'jit=off', 'max_wal_size=8GB', 'checkpoint_timeout=1h',
            'shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.track=none']


def say(text):
    """Progress: a person waits."""
    print(f'{time.strftime("%H:%M:%S")} {text}', file=sys.stderr, flush=True)


def compile_tools():
    os.makedirs(f'{BUILD}/bench', exist_ok=True)
    h2o = ['-lh2o-evloop', '-lssl', '-lcrypto']
    tools = [('load', [f'{ROOT}/tests/bench/load_requests.c', '-lcrypto']), ('streams', ['-lssl', '-lcrypto']),
             ('hello', h2o), ('carrier', h2o), ('flush_delay.so', ['-shared', '-fPIC', '-ldl'])]
    for name, more in tools:
        source = f'{ROOT}/tests/bench/{name.removesuffix(".so")}.c'
        subprocess.run(['gcc', '-O2', '-std=gnu11', '-D_GNU_SOURCE', '-DH2O_USE_LIBUV=0', '-Wall', '-Wextra', '-Werror',
                        '-Wno-deprecated-declarations', '-o', f'{BUILD}/bench/{name}', source, *more], check=True)


def values(line):
    """The figures in a tool's line of name=value."""
    return {k: float(v) for k, v in re.findall(r'(\w+)=([\d.]+)', line)}


def load(mode, **options):
    """One run of load.c; refuses to go on when one request was refused."""
    args = [f'{BUILD}/bench/load', mode]
    for name, value in options.items():
        args += [f'-{name}', str(value)]
    done = subprocess.run(args, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f'{" ".join(args[:2])} failed:\n{done.stdout}{done.stderr}')
    return values(done.stdout)


@contextlib.contextmanager
def process(args, ready, env=None, cwd=None):
    """A server in the background; yields its process and what `ready` matched in what it said."""
    p = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd,
                         env={**os.environ, **(env or {})})
    try:
        lines = []
        for line in p.stdout:
            lines.append(line)
            match = re.search(ready, line)
            if match:
                break
        else:
            sys.exit(f'{args[0]} did not start:\n' + ''.join(lines))
        yield p, match
    finally:
        p.terminate()
        p.send_signal(signal.SIGCONT)  # it may have been stopped
        p.communicate()


def tell(pids, how):
    """Stops them, or tells them to go on."""
    for pid in pids:
        os.kill(pid, how)


def in_order(names, turn):
    """There and back again: what changes over a turn is not always the same one's."""
    return list(names) if turn % 2 else list(reversed(names))


def in_steps(compared, first, num, measure_one):
    """A turn of so many steps: all the figures that `measure_one(one, step)` returns of each that is compared, one
    after the other, on average of the steps."""
    taken = collections.defaultdict(list)
    for step in range(first, first + num):
        for one in in_order(compared, step):
            for key, figure in measure_one(one, step).items():
                taken[key].append(figure)
    return {key: statistics.fmean(figures) for key, figures in taken.items()}


def resident_mib(pid, which='VmRSS'):
    """What it holds; with VmHWM the most that it held."""
    with open(f'/proc/{pid}/status') as f:
        return int(re.search(rf'{which}:\s+(\d+)', f.read())[1]) / 1024


def family(pid):
    """The process and all that descend from it."""
    all_of_them, left = [], [pid]
    while left:
        p = left.pop()
        all_of_them.append(p)
        for path in glob.glob(f'/proc/{p}/task/*/children'):
            with contextlib.suppress(OSError), open(path) as f:
                left += [int(child) for child in f.read().split()]
    return all_of_them


def cpu_s(pid):
    """CPU seconds of a family so far, those that ended and were waited for with it."""
    ticks = 0
    for p in family(pid):
        with contextlib.suppress(OSError), open(f'/proc/{p}/stat') as f:
            ticks += sum(int(n) for n in f.read().rsplit(')', 1)[1].split()[11:15])
    return ticks / TICK


def cores_s():
    """Seconds that the machine's cores were busy so far, and seconds that there were of them."""
    with open('/proc/stat') as f:
        user, nice, system, idle, wait, *others = [int(n) / TICK for n in f.readline().split()[1:9]]
    busy = user + nice + system + sum(others)
    return busy, busy + idle + wait


class House:
    """A folder with a cluster in it, and the gateway's environment. `with House() as house`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='bench-')
        os.chmod(self.folder, 0o755)
        os.mkdir(f'{self.folder}/mail')
        self.home = f'{self.folder}/pg'
        self.delay = f'{self.folder}/flush_us'
        self.flush_delay(0)
        os.chmod(self.delay, 0o644)

    def postgres(self, *args, env=None):
        return subprocess.run([f'{ROOT}/db/postgres.sh', *args], check=True, capture_output=True, text=True,
                              env={**os.environ, **(env or {})}).stdout.strip()

    def __enter__(self):
        shim = f'{self.folder}/flush_delay.so'
        shutil.copy(f'{BUILD}/bench/flush_delay.so', shim)
        self.postgres('start', self.home, *SETTINGS, env={'LD_PRELOAD': shim, 'FLUSH_DELAY_FILE': self.delay})
        self.url = self.postgres('url', self.home)
        self.admin = self.postgres('url', self.home, 'postgres').replace(':///maitred?', ':///postgres?')
        self.socket = re.search(r'host=([^&]+)', self.url)[1]
        data = self.psql('SHOW data_directory', self.admin)
        with open(f'{data}/postmaster.pid') as f:
            self.postmaster = int(f.readline())
        self.migrate()
        self.enter_carriers()
        return self

    def migrate(self):
        subprocess.run([MAITRED, 'migrate'], check=True,
                       env={**os.environ, 'DATABASE_URL': self.url, 'LOG_LEVEL': 'warn'})
        subprocess.run([*PSQL, self.url, '-f', f'{ROOT}/db/demo.sql'], check=True, capture_output=True)

    def database(self, name):
        """The same house with another database, which is made."""
        other = copy.copy(self)
        other.url = self.url.replace(':///maitred?', f':///{name}?')
        other.env = {**self.env, 'DATABASE_URL': other.url}
        other.create_database()
        other.migrate()
        return other

    def create_database(self):
        self.psql(f'CREATE DATABASE {self.name()} OWNER maitred', self.admin)

    def drop_database(self):
        self.psql(f'DROP DATABASE {self.name()} WITH (FORCE)', self.admin)

    def name(self):
        return re.search(':///([^?]+)', self.url)[1]

    def enter_carriers(self):
        """The simulated carriers, for their credentials: they report nothing by themselves for ten minutes."""
        self.stack = contextlib.ExitStack()
        args = [MAITRED, 'sim', '--port', '0', '--sent-ms', '600000', '--delivered-ms', '600000']
        _, match = self.stack.enter_context(process(args, r'control=(\S+)'))
        self.env = json.load(urllib.request.urlopen(match[1] + '/sim/v1/credentials'))
        key = base64.b64encode(bytes(32)).decode()
        # numbers have no pace here, nor keys a rate: it would be all that is measured; and nobody lingers
        self.env.update(DATABASE_URL=self.url, PUBLIC_URL=PUBLIC_URL, PORT='0', BIND='loopback', LINGER_S='0',
                        LOG_FORMAT='json', LOG_LEVEL='info', PACE_10DLC='0', API_RATE='0', TRUST_PROXY='yes',
                        MAIL_URL=f'file://{self.folder}/mail', MAIL_FROM='maitred@example.com',
                        SESSION_KEYS='one:' + key, PRIVACY_KEY=key)

    def __exit__(self, *_):
        self.stack.close()
        self.postgres('drop', self.home)
        shutil.rmtree(self.folder, ignore_errors=True)

    def flush_delay(self, us):
        """How much longer each flush of the log takes from now on: a cloud's disk needs about 1,000 us."""
        with open(self.delay, 'r+' if os.path.exists(self.delay) else 'w') as f:
            f.write(f'{us:<15}\n')

    def psql(self, sql, url=None):
        done = subprocess.run([*PSQL, url or self.url, '-At', '-c', sql], capture_output=True, text=True,
                              timeout=1800)
        if done.returncode:
            sys.exit(f'{done.stderr}in {sql}')
        return done.stdout.strip()

    def psql_untriggered(self, sql):
        """With no trigger fired and no foreign key looked at: that is up to a third of what filling a table takes."""
        superuser = self.url.replace('user=maitred', 'user=postgres')
        self.psql(f'SET session_replication_role = replica; {sql}', superuser)

    def count_statements(self, on):
        """Whether pg_stat_statements counts: it costs a little."""
        self.psql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements', self.admin)
        self.psql(f"ALTER SYSTEM SET pg_stat_statements.track = '{'top' if on else 'none'}'", self.admin)
        self.psql('SELECT pg_reload_conf()', self.admin)

    def clear(self):
        """No message is there; nor pages that were changed and not written out yet."""
        self.psql(f'TRUNCATE {TABLES}')
        self.psql('CHECKPOINT', self.admin)

    def wait_until(self, sql, expected, seconds=300):
        end = time.time() + seconds
        while self.psql(sql) != expected:
            if time.time() > end:
                sys.exit(f'not within {seconds} s: {sql}')
            time.sleep(0.05)

    def wait_empty(self, table):
        """One session that looks 50 times a second: a psql for each look would be CPU time of PostgreSQL."""
        self.psql(f"""DO $$ BEGIN WHILE EXISTS (SELECT FROM {table}) LOOP
                          COMMIT; PERFORM pg_sleep(0.02);
                      END LOOP; END $$""")

    def wait_quiet(self, *pids, seconds=30):
        """Until these and PostgreSQL have little to do, less than a tenth of a core over 0.2 s; so many seconds at
        most, as PostgreSQL may be cleaning up."""
        end = time.time() + seconds
        took = 1
        while took > 0.02 and time.time() < end:
            before = cpu_s(self.postmaster) + sum(map(cpu_s, pids))
            time.sleep(0.2)
            took = cpu_s(self.postmaster) + sum(map(cpu_s, pids)) - before

    def accounts(self, num):
        """So many accounts besides the demo's: keys mk_bench_0 and on, numbers +16460000000 and on at Twilio."""
        self.psql(f"""INSERT INTO accounts (account_id, name, quiet_from, quiet_until)
            SELECT 'acc_bench' || i, 'Bench', '00:00', '00:00' FROM generate_series(0, {num - 1}) i
            ON CONFLICT DO NOTHING;
            INSERT INTO numbers (account_id, number_id, provider, phone)
            SELECT 'acc_bench' || i, 'num_bench' || i, 'twilio', '+1646' || lpad(i::text, 7, '0')
            FROM generate_series(0, {num - 1}) i ON CONFLICT DO NOTHING;
            INSERT INTO api_keys (account_id, key_id, name, hash)
            SELECT 'acc_bench' || i, 'key_bench' || i, 'bench',
                   encode(sha256(convert_to('mk_bench_' || i, 'UTF8')), 'hex')
            FROM generate_series(0, {num - 1}) i ON CONFLICT DO NOTHING""")

    def queue_messages(self, num, first=0, later="interval '0'", account=ACCOUNT, accounts=None):
        """Messages to guests of their own, as accepted: due now, or `later`; of an account, or spread over so many."""
        account = f"'acc_bench' || i % {accounts}" if accounts else f"'{account}'"
        self.psql(f"""
            CREATE TEMP TABLE due AS
            SELECT {account} AS account_id, 'cnv_' || lpad(i::text, 26, '0') AS conversation_id,
                   'msg_' || lpad(i::text, 26, '0') AS message_id, '+1212' || lpad(i::text, 7, '0') AS phone
            FROM generate_series({first}, {first + num - 1}) i;
            INSERT INTO conversations (account_id, conversation_id, phone, last_message_id)
            SELECT account_id, conversation_id, phone, message_id FROM due;
            INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, body, encoding,
                                  segments, state, rank, expires_at)
            SELECT account_id, message_id, conversation_id, 'out', 'message', phone, 'Your table is ready.', 'GSM-7', 1,
                   'queued', 0, now() + interval '1 day' FROM due;
            INSERT INTO queue (account_id, conversation_id, message_id, due_at, turn_at)
            SELECT account_id, conversation_id, message_id, now() + {later}, now() + {later} FROM due;
            ANALYZE messages; ANALYZE conversations; NOTIFY maitred_queue""")

    def accepted_attempts(self, num, first=0):
        """Messages that a carrier has accepted: what status callbacks are about."""
        self.psql_untriggered(f"""
            INSERT INTO conversations (account_id, conversation_id, phone, last_message_id)
            SELECT '{ACCOUNT}', 'cnv_' || lpad(i::text, 26, '0'), '+1212' || lpad(i::text, 7, '0'),
                   'msg_' || lpad(i::text, 26, '0') FROM generate_series({first}, {first + num - 1}) i;
            INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, body,
                                  encoding, segments, state, rank)
            SELECT '{ACCOUNT}', 'msg_' || lpad(i::text, 26, '0'), 'cnv_' || lpad(i::text, 26, '0'), 'out',
                   'message', '+1212' || lpad(i::text, 7, '0'), 'Your table is ready.', 'GSM-7', 1, 'sent', 3
            FROM generate_series({first}, {first + num - 1}) i;
            INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, number, state,
                                  carrier_id, dead_at)
            SELECT '{ACCOUNT}', 'att_' || lpad(i::text, 26, '0'), 'msg_' || lpad(i::text, 26, '0'), 1, 'twilio',
                   '+13125550002', 'accepted', 'SM' || lpad(i::text, 32, '0'), now()
            FROM generate_series({first}, {first + num - 1}) i;
            ANALYZE messages; ANALYZE attempts; ANALYZE conversations""")

    def signer(self, port):
        """What load.c needs to sign as Twilio does."""
        return dict(p=port, b=self.env['PUBLIC_URL'], s=self.env['TWILIO_ACCOUNT_SID'],
                    w=self.env['TWILIO_AUTH_TOKEN'], a=ACCOUNT)

    def certificate(self):
        """The files of a certificate for 127.0.0.1, which is its own authority, and of its key."""
        key, cert = f'{self.folder}/key.pem', f'{self.folder}/cert.pem'
        if not os.path.exists(cert):
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                            '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=127.0.0.1', '-addext',
                            'subjectAltName=IP:127.0.0.1'], check=True, capture_output=True)
        return cert, key

    def put_parties(self, num, account=ACCOUNT):
        """Nobody else waits: parties pty_0..., each a guest with a thread."""
        self.psql(f"""
            DELETE FROM parties WHERE account_id = '{account}';
            INSERT INTO conversations (account_id, conversation_id, phone, last_message_id)
            SELECT '{account}', 'cnv_p' || lpad(i::text, 25, '0'), '+1718' || lpad(i::text, 7, '0'), ''
            FROM generate_series(0, {num - 1}) i ON CONFLICT DO NOTHING;
            INSERT INTO parties (account_id, party_id, conversation_id, name, size, language, source, state, place,
                                 joined_at)
            SELECT '{account}', 'pty_' || lpad(i::text, 26, '0'), 'cnv_p' || lpad(i::text, 25, '0'), 'Maria', 2, 'en',
                   'host', 'waiting', i + 1, now() FROM generate_series(0, {num - 1}) i;
            ANALYZE parties; ANALYZE conversations""")

    @contextlib.contextmanager
    def gateway(self, **env):
        """A gateway that is ready: .port and .pid."""
        with process([MAITRED, 'serve'], r'"event":"ready","port":"(\d+)"', {**self.env, **env}) as (p, match):
            yield types.SimpleNamespace(port=int(match[1]), pid=p.pid)

    @contextlib.contextmanager
    def meter(self, *pids):
        """What the block took: .seconds, and .server and .postgres seconds of CPU; .busy: percent of all cores."""
        def now():
            return [sum(map(cpu_s, pids)), cpu_s(self.postmaster), time.monotonic(), *cores_s()]

        m = types.SimpleNamespace()
        before = now()
        yield m
        m.server, m.postgres, m.seconds, busy, cores = (after - b for after, b in zip(now(), before))
        m.cpu = m.server + m.postgres
        m.busy = 100 * busy / cores

    def pgbench(self, script, clients, seconds=1):
        """Runs of a script per second: prepared, no think time."""
        path = f'{self.folder}/script.sql'
        with open(path, 'w') as f:
            f.write(script)
        out = subprocess.run(['/usr/lib/postgresql/15/bin/pgbench', '-n', '-M', 'prepared', '-f', path, '-c',
                              str(clients), '-j', '2', '-T', str(seconds), self.url], check=True,
                             capture_output=True, text=True).stdout
        return float(re.search(r'tps = ([\d.]+)', out)[1])
