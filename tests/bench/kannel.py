"""kannel.py - Kannel as Debian has it: bearerbox and smsbox with a queue in a file, and a carrier over HTTP.

Its receipts are kept in its memory or in the bench's PostgreSQL, in a database of their own.
"""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.parse
import urllib.request

CONF = r'''group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = bench
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
log-file = "{folder}/bearerbox.log"
log-level = 2
access-log = "{folder}/access.log"
store-type = file
store-location = "{folder}/store"
dlr-storage = {receipts}
sms-outgoing-queue-limit = 1000000
smsbox-max-pending = 1000

group = smsc
smsc = http
smsc-id = bench
system-type = generic
port = {receive}
connect-allow-ip = "127.0.0.1"
send-url = "http://127.0.0.1:{carrier}{path}?To=%p&From=%P&Body=%a&mid=%I"
status-success-regex = "\"sid\":"
generic-foreign-id-regex = "\"sid\": \"([A-Za-z0-9]+)\""
max-pending-submits = {pending}
generic-status-sent = 200

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
sendsms-interface = 127.0.0.1
log-file = "{folder}/smsbox.log"
log-level = 2

group = sendsms-user
username = bench
password = bench
max-messages = 1
default-smsc = bench

group = sms-service
keyword = default
text = "ok"
max-messages = 0
'''

RECEIPTS = '''
group = pgsql-connection
id = bench
host = {socket}
username = maitred
password = none
database = kannel
max-connections = 8

group = dlr-db
id = bench
table = dlr
field-smsc = smsc
field-timestamp = ts
field-destination = destination
field-source = source
field-service = service
field-url = url
field-mask = mask
field-status = status
field-boxc-id = boxc
'''

TABLE = '''CREATE TABLE dlr (smsc varchar, ts varchar, destination varchar, source varchar, service varchar,
                             url varchar, mask int, status int, boxc varchar);
           CREATE INDEX ON dlr (smsc, ts)'''

PATH = '/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json'


def free_ports(num):
    """Kannel wants to be told its ports: some that are free now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(num)]
        for s in sockets:
            s.bind(('127.0.0.1', 0))
        return [s.getsockname()[1] for s in sockets]


def prepare_receipts(house):
    """A database of its own: the gateway's is not to have tables that it does not know."""
    house.psql('DROP DATABASE IF EXISTS kannel WITH (FORCE)', house.admin)
    house.psql('CREATE DATABASE kannel OWNER maitred', house.admin)
    house.psql(TABLE, house.url.replace('/maitred?', '/kannel?'))


def await_online(ports, boxes):
    """Ready when its carrier is online and its API answers."""
    end = time.monotonic() + 20
    while time.monotonic() < end and all(box.poll() is None for box in boxes):
        with contextlib.suppress(OSError):
            status = f'http://127.0.0.1:{ports["admin"]}/status.txt?password=bench'
            socket.create_connection(('127.0.0.1', ports['send']), 1).close()
            if b'(online' in urllib.request.urlopen(status, timeout=2).read():
                return
        time.sleep(0.1)
    sys.exit('Kannel did not start')


def stop(box):
    """It ends on SIGINT, in its own time; what it still holds does not matter any more."""
    box.send_signal(signal.SIGINT)
    box.send_signal(signal.SIGCONT)  # it may have been stopped
    try:
        box.wait(3)
    except subprocess.TimeoutExpired:
        box.kill()
        box.wait()


@contextlib.contextmanager
def running(house, carrier, receipts='internal', pending=200):
    """Kannel, ready: .port of its API, .target of a send in load.c's words, .pids."""
    folder = f'{house.folder}/kannel_{receipts}'
    os.mkdir(folder)
    ports = dict(zip(('admin', 'boxes', 'receive', 'send'), free_ports(4)))
    conf = CONF.format(folder=folder, receipts=receipts, carrier=carrier, path=PATH, pending=pending,
                       **ports)
    if receipts == 'pgsql':
        prepare_receipts(house)
        conf += RECEIPTS.format(socket=house.socket)
    with open(f'{folder}/kannel.conf', 'w') as f:
        f.write(conf)
    boxes = []
    try:
        for box in ('bearerbox', 'smsbox'):
            boxes.append(subprocess.Popen([f'/usr/sbin/{box}', '-v', '4', f'{folder}/kannel.conf'],
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder))
            time.sleep(0.7)
        await_online(ports, boxes)
        yield types.SimpleNamespace(port=ports['send'], target=target(carrier), pids=[b.pid for b in boxes])
    finally:
        for box in reversed(boxes):
            stop(box)
        shutil.rmtree(folder)


def target(carrier):
    """The text that load.c posts to the others, with all receipts asked for."""
    text = ('Your table is ready. Please come to the host stand within 10 minutes. Reply 1 if you are coming, '
            '9 to cancel.')
    query = urllib.parse.urlencode({'username': 'bench', 'password': 'bench', 'from': '+13125550002', 'text': text,
                                    'dlr-mask': 31, 'dlr-url': f'http://127.0.0.1:{carrier}/receipt'})
    return f'/cgi-bin/sendsms?{query}&to=%2B1212{{}}'
