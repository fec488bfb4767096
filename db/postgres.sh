#!/bin/bash
# postgres.sh - a private PostgreSQL in a folder of its own, for `make run` and for tests. It listens
# on a Unix socket only, which nobody but this user (and root) can reach.
#
#   db/postgres.sh start DIR [name=value ...]  create it if need be, start it; settings for this start
#   db/postgres.sh stop DIR                    stop it; nothing to do when it does not run
#   db/postgres.sh crash DIR                   kill -9 every process of it, as a power failure would
#   db/postgres.sh restart DIR [name=value ...]  crash, then start
#   db/postgres.sh follow DIR OTHER [name=value ...]  a new copy of the running OTHER, which follows it
#   db/postgres.sh promote DIR                 the copy follows no more and takes writes
#   db/postgres.sh url DIR [USER]              what goes into DATABASE_URL
#   db/postgres.sh drop DIR                    stop it and delete its folder
#
# The database `maitred` belongs to the user `maitred`, who is no superuser, as on a hosted
# PostgreSQL: so row-level security binds it here too. USER postgres is the superuser.
set -euo pipefail

usage() {
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

command=${1:-}
dir=${2:-}
[ -n "$dir" ] || usage
shift 2
dir=$(realpath -m "$dir")

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/postgres" ] || { echo "postgres.sh: PostgreSQL is missing: run make deps" >&2; exit 1; }

# PostgreSQL refuses to run as root: then it runs as the system's user postgres.
if [ "$(id -u)" = 0 ]; then
	owner=postgres
	unprivileged=(setpriv --reuid=postgres --regid=postgres --clear-groups)
else
	owner=$(id -un)
	unprivileged=()
fi

# A folder made here is owned by $owner, mode 0700. One that somebody else made first is refused.
private_folder() {
	mkdir -p "$(dirname "$1")"
	if mkdir -m 0700 "$1" 2>/dev/null; then
		[ "$(id -u)" != 0 ] || chown "$owner:" "$1"
	elif [ "$(stat -c %U "$1")" = root ] && [ "$(id -u)" = 0 ]; then
		chown "$owner:" "$1" && chmod 0700 "$1"
	elif [ "$(stat -c %U "$1")" != "$owner" ]; then
		echo "postgres.sh: $1 belongs to $(stat -c %U "$1"), not to $owner" >&2
		exit 1
	fi
}

# Where it really lives. Not in DIR when $owner cannot get there, as below /root; nor the socket when
# its path is over the system's 107 bytes.
mkdir -p "$(dirname "$dir")"
short=$(printf %s "$dir" | cksum | cut -d ' ' -f 1)-$(id -u)
home=$dir
"${unprivileged[@]}" test -x "$(dirname "$dir")" || home=/var/tmp/maitred-$short
data=$home/data
run=$home/run
[ "$(printf %s "$run/.s.PGSQL.5432" | wc -c)" -le 107 ] || run=/tmp/maitred-$short

pg() {
	(cd / && "${unprivileged[@]}" "$bin/$1" "${@:2}")
}

running() {
	forget_the_dead
	pg pg_ctl -D "$data" status >/dev/null 2>&1
}

# In a container nobody may collect the dead, and PostgreSQL takes them for alive.
forget_the_dead() {
	local pid
	pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 0
	if [ -d "/proc/$pid" ] && ! [ -e "/proc/$pid/exe" ]; then
		rm -f "$data/postmaster.pid" "$run"/.s.PGSQL.*
	fi
}

sql() {
	pg psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$run" -U postgres -d postgres -c "$1"
}

create() {
	[ -e "$data/PG_VERSION" ] && return
	rm -rf "$data.new"
	pg initdb -D "$data.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
	echo "include 'maitred.conf'" >>"$data.new/postgresql.conf"
	mv "$data.new" "$data"
}

configure() {
	cat >"$data/maitred.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$run'
		unix_socket_permissions = 0700
		max_connections = 200
		timezone = 'UTC'
		log_timezone = 'UTC'
	END
	for setting; do
		echo "${setting%%=*} = '${setting#*=}'" >>"$data/maitred.conf"
	done
	[ "$(id -u)" != 0 ] || chown "$owner:" "$data/maitred.conf"
}

start() {
	running && return
	private_folder "$home"
	private_folder "$run"
	create
	configure "$@"
	if ! pg pg_ctl -D "$data" -w -t 60 -s -l "$home/postgres.log" start; then
		tail -n 20 "$home/postgres.log" >&2
		exit 1
	fi
	[ -n "$(sql "SELECT 1 FROM pg_roles WHERE rolname = 'maitred'")" ] ||
		sql 'CREATE ROLE maitred LOGIN'
	# it may make the application's role; and who looks with psql sees the rows of all accounts
	[ -n "$(sql "SELECT 1 FROM pg_roles WHERE rolname = 'maitred' AND rolcreaterole")" ] ||
		sql "ALTER ROLE maitred CREATEROLE; ALTER ROLE maitred SET maitred.account = '*'"
	[ -n "$(sql "SELECT 1 FROM pg_database WHERE datname = 'maitred'")" ] ||
		sql 'CREATE DATABASE maitred OWNER maitred'
}

stop() {
	if running; then pg pg_ctl -D "$data" -w -t 60 -s -m fast stop; fi
}

# What OTHER has committed streams here; with synchronous_standby_names there, before its commits end.
follow() {
	local other
	other=$("$0" url "$1" postgres)
	stop
	private_folder "$home"
	private_folder "$run"
	rm -rf "$data"
	pg pg_basebackup -d "$other" -D "$data" -R -X stream -c fast --no-sync
	start "${@:2}"
}

crash() {
	local pid children
	running || return 0
	pid=$(head -n 1 "$data/postmaster.pid")
	kill -STOP "$pid" # so that it forks no more
	children=$(cat "/proc/$pid/task/$pid/children")
	kill -KILL "$pid" $children 2>/dev/null || true
	for process in "$pid" $children; do
		while [ -e "/proc/$process/exe" ]; do sleep 0.02; done
	done
}

case $command in
start) start "$@" ;;
stop) stop ;;
crash) crash ;;
restart) crash && start "$@" ;;
follow) follow "$@" ;;
promote) pg pg_ctl -D "$data" -w -t 60 -s promote ;;
url) echo "postgresql:///maitred?host=$run&user=${1:-maitred}" ;;
drop) stop && rm -rf "$home" "$run" ;;
*) usage ;;
esac
