/* segment.c - fuzzes segments: counted again by the rules, and one more letter never saves. */
#include "fuzz.h"

#include "segment.h"

/* UTF-16 units and characters, by the first bytes. */
static void count(struct str text, unsigned *characters, unsigned *units)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		*characters += (c & 0xc0) != 0x80;
		*units += ((c & 0xc0) != 0x80) + (c >= 0xf0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = input(data, size);
	unsigned characters = 0, units = 0;

	if (str_is_text(text)) {
		struct segments s = segment_count(text);
		struct segments more = segment_count(arena_printf(a, STR_FMT "a", STR_ARG(text)));
		bool gsm = s.encoding == ENCODING_GSM7;
		unsigned alone = gsm ? 160 : 70, part = gsm ? 153 : 67;

		count(text, &characters, &units);
		must(s.characters == characters && s.segments >= 1);
		must(gsm ? s.units >= characters && s.units <= 2 * characters : s.units == units);
		must((s.segments == 1) == (s.units <= alone));
		/* what is not split may leave one unit free in each part but the last */
		must(s.segments == 1 ||
		     (s.segments * part >= s.units && (s.segments - 1) * (part - 1) < s.units));
		must(more.segments >= s.segments && more.units == s.units + 1);
		must(more.encoding == s.encoding);
		segment_refusal(a, &s);
	}
	arena_free(a);
	return 0;
}
