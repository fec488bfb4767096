/* form.c - fuzzes forms: what was read is written and read back as the same fields. */
#include "fuzz.h"

#include "form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 8 * size + 1024);
	struct form f, again;

	if (form_parse(a, input(data, size), 64, &f)) {
		for (size_t i = 0; i < f.num; i++) {
			if (i)
				buf_char(&b, '&');
			url_encode(&b, f.fields[i].name);
			buf_char(&b, '=');
			url_encode(&b, f.fields[i].value);
		}
		must(!buf_full(&b) && form_parse(a, buf_str(&b), 64, &again));
		must(again.num == f.num);
		for (size_t i = 0; i < f.num; i++) {
			must(str_eq(f.fields[i].name, again.fields[i].name));
			must(str_eq(f.fields[i].value, again.fields[i].value));
		}
	}
	arena_free(a);
	return 0;
}
