#!/bin/sh
# embed.sh - pages, scripts and styles in a C file, so that the binary carries them.
#
#   gateway/embed.sh h                        assets.h
#   gateway/embed.sh c fixtures/carriers/*.js assets.c
#
# An asset's path is its last folder and its name: fixtures/carriers/phone.js -> "carriers/phone.js".
# The assembler reads the bytes (.incbin): a compiler that parses megabytes of numbers takes seconds.
set -eu

part=$1
shift

media_type() {
	case ${1%.gz} in
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

#include <string.h>

struct asset {
	const char *path, *type; /* "carriers/phone.js", "text/javascript; charset=utf-8" */
	const char *hash;	 /* other bytes, another hash */
	const unsigned char *bytes; /* a NUL stands behind them */
	size_t len;
};

extern const struct asset assets[]; /* ends with a NULL path */

/* NULL: there is none. */
static inline const struct asset *asset_find(const char *path)
{
	for (const struct asset *a = assets; a->path; a++)
		if (strcmp(a->path, path) == 0)
			return a;
	return NULL;
}

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
	hash=$(sha256sum "$file" | cut -c 1-16)
	len=$(wc -c <"$file")
	cat <<END

extern const unsigned char asset_$i[];
__asm__(".pushsection .rodata\n.balign 16\n.hidden asset_$i\n.globl asset_$i\nasset_$i:\n"
	".incbin \"$file\"\n.byte 0\n.popsection\n");
END
	rows="$rows	{ \"$path\", \"$type\", \"$hash\", asset_$i, $len },
"
done
printf '\nconst struct asset assets[] = {\n%s\t{ .path = NULL },\n};\n' "$rows"
