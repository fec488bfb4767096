/* page.c - fuzzes what is put into pages: it stays text, in an element and in an attribute. */
#include "fuzz.h"

#include "json.h"
#include "mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str before = STR("<p title=\""), after = STR("\"></p>");
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 8 * size + 1024);
	const char *why = NULL;

	json_open(&b, NULL, '{');
	json_put_str(&b, "words", input(data, size));
	json_close(&b, '}');
	const struct json *parts[] = { json_parse(a, buf_str(&b), &why) };
	if (parts[0]) {
		struct str page = mustache_render(a, STR("<p title=\"{{words}}\"></p>"), parts, 1);

		must(str_starts(page, before) && str_ends(page, after) && str_is_text(page));
		page = str_from(page, before.len);
		page.len -= after.len;
		for (size_t i = 0; i < page.len; i++)
			must(!strchr("<>\"'", page.p[i]));
	}
	arena_free(a);
	return 0;
}
