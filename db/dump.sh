#!/bin/bash
# dump.sh - what the migrations add up to: migrates an empty database and dumps its schema.
#
#   db/dump.sh build/maitred                  prints it
#   db/dump.sh build/maitred db/schema.sql    compares it with that file
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d "${TMPDIR:-/tmp}/dump-XXXXXX")
chmod 0711 "$dir"
trap 'db/postgres.sh drop "$dir/db"; rm -rf "$dir"' EXIT

db/postgres.sh start "$dir/db" fsync=off
DATABASE_URL=$(db/postgres.sh url "$dir/db")
export DATABASE_URL
"$1" migrate >&2

# Without what differs from one patch release of PostgreSQL to the next, and from one day to the next:
# the journal's partitions.
pg_dump --schema-only --no-owner --exclude-table='callbacks_2*' "$DATABASE_URL" |
	sed -e '/^-- Dumped /d' -e '/^\\restrict /d' -e '/^\\unrestrict /d' \
		-Ee 's/^( *(UPDATE|DELETE FROM) public\.\w+) AS (\w+)/\1 \3/' |
	cat -s >"$dir/schema.sql"

if [ $# -lt 2 ]; then
	cat "$dir/schema.sql"
elif ! diff -u "$2" "$dir/schema.sql"; then
	echo "$2 is not what the migrations make: run make schema" >&2
	exit 1
fi
