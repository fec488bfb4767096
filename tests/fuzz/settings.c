/*
 * settings.c - fuzzes the configuration, NAME=value in each line: either all is well or each
 * problem is a line of its own, and no secret is printed. And what libpq makes of a URL.
 */
#include "fuzz.h"

#include "config.h"
#include "url_files.h"

#define SECRET_MARK "kumquat"

static struct arena *arena;
static struct str lines;

static const char *value(const char *name)
{
	struct str rest = lines;

	while (rest.len) {
		struct str text = str_cut(&rest, '\n'), key = str_cut(&text, '=');

		if (str_is(key, name))
			return arena_cstr(arena, text);
	}
	return strcmp(name, "TELNYX_API_KEY") == 0 ? SECRET_MARK : NULL;
}

static bool has(struct str text, struct str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (str_starts(str_from(text, i), word))
			return true;
	return false;
}

static void on_file(void *ctx, const char *path)
{
	(void)ctx;
	must(*path == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c;

	arena = arena_new();
	lines = input(data, size);
	struct buf problems = buf_new(arena, 65536), printed = buf_new(arena, 65536 + size);
	bool fine = config_load(&c, arena, value, &problems);
	must(fine == (problems.len == 0));
	must(fine || str_ends(buf_str(&problems), STR("\n")));
	config_print(&c, &printed);
	if (!has(lines, STR(SECRET_MARK)))
		must(!has(buf_str(&problems), STR(SECRET_MARK)) &&
		     !has(buf_str(&printed), STR(SECRET_MARK)));
	db_url_files(arena_cstr(arena, lines), on_file, NULL);
	arena_free(arena);
	return 0;
}
