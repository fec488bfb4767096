#!/bin/bash
# dev.sh - what `make run` runs: a private PostgreSQL below .maitred/ and `maitred dev` on it, until
# Ctrl-C. Nothing is left running, however it ends; a PostgreSQL that a killed run left is taken over.
#
#   gateway/dev.sh [PROGRAM [ARGUMENT ...]]     the default is build/maitred dev
#   DEV_DIR=/tmp/x gateway/dev.sh               another folder than .maitred, beside one that runs
set -euo pipefail
cd "$(dirname "$0")/.."

postgres=db/postgres.sh
dir=${DEV_DIR:-$PWD/.maitred}
pid=
stopping=

# The first signal asks maitred to stop; another one, seconds later, ends it. make and the terminal
# may both send the first, hence the seconds.
on_signal() {
	if [ -z "$pid" ]; then exit 130; fi
	if [ -z "$stopping" ]; then
		stopping=$SECONDS
		kill -TERM "$pid" 2>/dev/null || true
	elif [ $((SECONDS - stopping)) -ge 2 ]; then
		kill -KILL "$pid" 2>/dev/null || true
	fi
}

on_exit() {
	trap '' INT TERM HUP
	$postgres stop "$dir"
}

trap on_signal INT TERM HUP
trap on_exit EXIT

$postgres start "$dir"
DATABASE_URL=$($postgres url "$dir")
export DATABASE_URL

# Mails are files here: what signs up and invites can be tried without a mail server.
export MAIL_URL=${MAIL_URL:-file://$dir/mail} MAIL_FROM=${MAIL_FROM:-maitred <maitred@example.com>}
mkdir -p "$dir/mail"

[ $# -gt 0 ] || set -- build/maitred dev
# Should this script be killed, maitred is told to stop. It keeps its standard input, for gdb.
exec 3<&0
setpriv --pdeathsig TERM "$@" <&3 3<&- &
pid=$!

# A signal ends `wait` early; it is over when maitred is.
status=0
while wait "$pid" && status=0 || status=$?; kill -0 "$pid" 2>/dev/null; do :; done
exit "$status"
