"""staff.py - what people at the stand wait for: the board, a party, a press of Notify, a guest's reply on
the screen."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import time
import urllib.request

from house import BUILD, KEY, load, values
from table import Row

TITLE = 'Staff and their screens'
PASSWORD = 'Correct-horse-7-staple'
OPERATIONS = {'board': (8000, 'board of 50 parties'), 'list': (12000, 'list of 50 messages, signed in'),
              'add': (1000, 'party added'), 'notify': (1000, 'press of Notify')}
SCREENS, SCREENS_EACH, REPLIES = 1000, 4, 1000

ROWS = [row for key, (_, name) in OPERATIONS.items()
        for row in (Row(name, key), Row(f'{name}: CPU with PostgreSQL', f'{key}_us', 'us'))] + [
    Row('call told what to say', 'questions'),
    Row('call told what to say: p99 at 500/s', 'questions_p99', 'ms'),
    Row('GET /healthz beside 200 logins: p99', 'login_health', 'ms'),
    Row('reply to screen at 1,000 replies/s with 1,000 streams: p50', 'screen_p50', 'ms'),
    Row('reply to screen at 1,000 replies/s with 1,000 streams: p99', 'screen_p99', 'ms', at_most=100,
        bound='PostgreSQL: 1.2 of the 2 ms that two cores have for each reply (profile.md)'),
]


def operations(house, server, person):
    """Each as fast as 64 clients ask, and what one takes of the CPU."""
    figures = {}
    asked = {'board': ('get', '/v1/parties', KEY), 'list': ('get', '/v1/messages', person['token']),
             'add': ('parties', '/v1/parties', KEY), 'notify': ('posts', '/v1/parties/pty_{}/notify', KEY)}
    for key, (num, _) in OPERATIONS.items():
        house.clear()
        house.put_parties(num if key == 'notify' else 50)
        if key == 'list':
            house.queue_messages(10000, account=person['account']['id'])
            house.psql("DELETE FROM queue; UPDATE messages SET state = 'sent', rank = 3; ANALYZE messages")
        mode, target, secret = asked[key]
        with house.meter(server.pid) as m:
            figures[key] = load(mode, p=server.port, t=target, n=num, c=64, k=secret)['rate']
        figures[f'{key}_us'] = m.cpu / num * 1e6
    house.psql('TRUNCATE queue')
    house.psql('DELETE FROM parties')
    return figures


def post(port, path, body):
    request = urllib.request.Request(f'http://127.0.0.1:{port}{path}', json.dumps(body).encode(),
                                     {'Content-Type': 'application/json'})
    return json.load(urllib.request.urlopen(request))


def sign_up(house, port):
    """A manager's session, by the way that people come in."""
    mail = f'{house.folder}/mail'
    before = set(os.listdir(mail))
    post(port, '/v1/signup', dict(email=f'ana{len(before)}@example.com', password=PASSWORD, name='Ana', venue='Bench'))
    while not (new := set(os.listdir(mail)) - before):
        time.sleep(0.05)
    time.sleep(0.2)
    with open(f'{mail}/{new.pop()}') as f:
        code = re.search(r'mlk_[0-9a-f]{64}', f.read().replace('=\n', ''))[0]
    return post(port, '/v1/join', dict(token=code))


def logins(house, port, login):
    """How long GET /healthz takes while 200 people sign in at once: p99 in ms. All get in."""
    # they were here before, each from an address of their own: no gate is in the way
    house.psql(f"""INSERT INTO sessions (organisation_id, session_id, user_id, ip)
                   SELECT organisation_id, user_id || i, user_id, '198.51.100.' || i
                   FROM users, generate_series(0, 199) i WHERE login = '{login}'""")

    def log_in(i):
        c = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        c.request('POST', '/v1/login', json.dumps(dict(login=login, password=PASSWORD)),
                  {'Content-Type': 'application/json', 'X-Forwarded-For': f'198.51.100.{i}'})
        return c.getresponse().status

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        waiting = [pool.submit(log_in, i) for i in range(200)]
        times = []
        c = http.client.HTTPConnection('127.0.0.1', port)
        while not all(w.done() for w in waiting):
            start = time.monotonic()
            c.request('GET', '/healthz')
            c.getresponse().read()
            times.append(1000 * (time.monotonic() - start))
            time.sleep(0.002)
        assert {w.result() for w in waiting} == {201}
    return {'login_health': statistics.quantiles(times, n=100)[98]}


def questions(house, server):
    """What calls are to say: half of it first questions, half the key that answers them; at 500/s and as fast as it
    goes."""
    num = 10000
    house.clear()
    house.accepted_attempts(num)
    house.psql(f"""
        UPDATE messages SET channel = 'voice', visit = 'pty_' || substr(message_id, 5);
        DELETE FROM parties;
        INSERT INTO parties (account_id, party_id, conversation_id, name, size, language, source, state, place,
                             notices, notified_at, asked_at, held_until)
        SELECT account_id, visit, conversation_id, 'Maria', 2, 'en', 'host', 'notified', row_number() OVER (), 1,
               now() - interval '1 minute', now() - interval '1 minute', now() + interval '9 minutes'
        FROM messages; ANALYZE parties""")
    paced = load('questions', n=num // 2, c=64, r=500, **house.signer(server.port))
    full = load('questions', n=num, f=num // 2, c=64, **house.signer(server.port))
    coming = house.psql("SELECT count(*) FROM parties WHERE state = 'coming'")
    assert int(coming) == num // 4 + num // 2, coming
    house.psql('DELETE FROM parties')
    return {'questions': full['rate'], 'questions_p99': paced['p99']}


@contextlib.contextmanager
def streams(port, num, each, *tls):
    """So many streams are open; yields what they said, which is complete when the block has ended."""
    client = subprocess.Popen([f'{BUILD}/bench/streams', str(port), str(num), str(each), *tls],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said = values(client.stdout.readline())
    yield said
    client.stdin.close()
    said.update(values(client.stdout.readline()))
    assert client.wait() == 0 and said['open'] == num, said


def screens(house, server):
    """Guests reply, 1,000 in a second, each seen by the four screens of one of 250 stands; ages when they came, in
    ms."""
    house.clear()
    paced = dict(c=64, r=REPLIES, A=SCREENS // SCREENS_EACH, e=1, **house.signer(server.port))
    load('replies', n=REPLIES, f=5 * REPLIES, **paced)
    house.wait_empty('pending')
    house.psql('ANALYZE')  # autovacuum may have met the tables empty, and comes once a minute
    with streams(server.port, SCREENS, SCREENS_EACH) as said:
        num = 5 * REPLIES
        load('replies', n=num, **paced)
        house.wait_empty('pending')
        time.sleep(2)
    assert said['stamps'] == num * SCREENS_EACH, said
    return {'screen_p50': said['p50'], 'screen_p99': said['p99']}


def measure(house):
    house.accounts(SCREENS // SCREENS_EACH)
    with house.gateway() as server:
        figures = screens(house, server)
    with house.gateway() as server:
        person = sign_up(house, server.port)
        figures.update({**operations(house, server, person), **questions(house, server),
                        **logins(house, server.port, person['user']['login'])})
    yield figures
