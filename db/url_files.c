/* url_files.c - the settings of libpq that name files, and where it looks without any. */
#include "url_files.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 4096

static bool names_file(const char *keyword)
{
	static const char *const keywords[] = { "passfile",  "sslcert", "sslcrl",
						"sslcrldir", "sslkey",	"sslrootcert" };

	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (strcmp(keyword, keywords[i]) == 0)
			return true;
	return false;
}

static void in_home(void (*on)(void *ctx, const char *path), void *ctx)
{
	static const char *const names[] = { ".pgpass", ".postgresql" };
	const char *home = getenv("HOME");
	char path[PATH_BYTES];

	for (size_t i = 0; home && i < sizeof(names) / sizeof(*names); i++)
		if (snprintf(path, sizeof(path), "%s/%s", home, names[i]) < (int)sizeof(path))
			on(ctx, path);
}

void db_url_files(const char *url, void (*on)(void *ctx, const char *path), void *ctx)
{
	char *why = NULL;
	PQconninfoOption *all = PQconninfoParse(url, &why);

	for (const PQconninfoOption *o = all; o && o->keyword; o++) {
		const char *value = o->val ? o->val : o->envvar ? getenv(o->envvar) : NULL;

		if (names_file(o->keyword) && value && *value == '/')
			on(ctx, value);
	}
	in_home(on, ctx);
	PQconninfoFree(all);
	PQfreemem(why); /* connecting says it */
}
