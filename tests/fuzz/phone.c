/* phone.c - fuzzes telephone numbers: what is accepted is E.164, and is read back as itself. */
#include "fuzz.h"

#include "phone.h"
#include "zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str rest = input(data, size);
	const char *region = arena_cstr(a, str_cut(&rest, '\n'));
	const char *text = arena_cstr(a, rest), *why = NULL;
	struct phone p, again;

	if (phone_parse(text, region, &p, &why)) {
		size_t len = strlen(p.e164);

		must(p.e164[0] == '+' && len < PHONE_MAX && len > 5);
		must(strspn(p.e164 + 1, "0123456789") == len - 1);
		must(phone_parse(p.e164, "US", &again, &why));
		must(strcmp(p.e164, again.e164) == 0);
		phone_zones(str_of(p.e164));
	} else {
		must(why && *why);
	}
	phone_zones(rest);
	arena_free(a);
	return 0;
}
