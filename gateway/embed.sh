#!/bin/sh
# embed.sh - pages, scripts and styles as C byte arrays, so that the binary carries them.
#
#   gateway/embed.sh h                        assets.h
#   gateway/embed.sh c fixtures/carriers/*.js assets.c
#
# An asset's path is its last folder and its name: fixtures/carriers/phone.js -> "carriers/phone.js".
set -eu

part=$1
shift

media_type() {
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.js | *.mjs) echo 'text/javascript; charset=utf-8' ;;
	*.json | *.map) echo 'application/json' ;;
	*.webmanifest) echo 'application/manifest+json' ;;
	*.svg) echo 'image/svg+xml' ;;
	*.png) echo 'image/png' ;;
	*.ico) echo 'image/x-icon' ;;
	*.sql) echo 'application/sql' ;;
	*.woff2) echo 'font/woff2' ;;
	*) echo "embed.sh: $1: unknown media type" >&2 && exit 1 ;;
	esac
}

echo '/* Made by gateway/embed.sh. Do not edit. */'
if [ "$part" = h ]; then
	cat <<'END'
#ifndef ASSETS_H
#define ASSETS_H

#include <stddef.h>

struct asset {
	const char *path, *type; /* "carriers/phone.js", "text/javascript; charset=utf-8" */
	const unsigned char *bytes;
	size_t len;
};

extern const struct asset assets[]; /* ends with a NULL path */
extern const size_t asset_num;

#endif
END
	exit
fi

echo '#include "assets.h"'
i=0
rows=
for file; do
	i=$((i + 1))
	path=$(basename "$(dirname "$file")")/$(basename "$file")
	type=$(media_type "$file")
	printf '\nstatic const unsigned char bytes_%d[] = {\n' "$i"
	od -An -v -tu1 "$file" | sed 's/[0-9][0-9]*/&,/g'
	printf '\t0 /* not counted */\n};\n'
	rows="$rows	{ \"$path\", \"$type\", bytes_$i, sizeof(bytes_$i) - 1 },
"
done
printf '\nconst struct asset assets[] = {\n%s\t{ NULL, NULL, NULL, 0 },\n};\n' "$rows"
printf '\nconst size_t asset_num = %d;\n' "$i"
