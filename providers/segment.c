/* segment.c - counts SMS segments. */
#include "segment.h"

/* The basic alphabet beyond ASCII, in UTF-8. Source: 3GPP TS 23.038, section 6.2.1. */
#define BASIC "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà"

enum encoding_limit { GSM7_ALONE = 160, GSM7_PART = 153, UCS2_ALONE = 70, UCS2_PART = 67 };

static bool in_basic(uint32_t wanted)
{
	struct str rest = STR(BASIC);

	while (rest.len) {
		uint32_t c;

		rest = str_from(rest, str_char(rest, &c));
		if (c == wanted)
			return true;
	}
	return false;
}

/* 1 in the basic alphabet, 2 in its extension (6.2.1.1), 0 in neither. */
static unsigned septets(uint32_t c)
{
	enum { EURO = 0x20ac };

	switch (c) {
	case EURO:
	case '\f':
	case '[':
	case '\\':
	case ']':
	case '^':
	case '{':
	case '|':
	case '}':
	case '~':
		return 2;
	default:
		break;
	}
	if (c == '\n' || c == '\r' || (c >= ' ' && c < 0x7f && c != '`'))
		return 1;
	return c >= 0x80 && in_basic(c);
}

static unsigned utf16_units(uint32_t c)
{
	return c >= 0x10000 ? 2 : 1;
}

static bool all_gsm7(struct str text)
{
	while (text.len) {
		uint32_t c;
		size_t n = str_char(text, &c);

		if (n == 0 || !septets(c))
			return false;
		text = str_from(text, n);
	}
	return true;
}

/* Fills parts one after the other: what does not fit whole goes to the next. */
static void fill(struct str text, struct segments *s, unsigned alone, unsigned part)
{
	unsigned parts = 1, used = 0;

	while (text.len) {
		uint32_t c = 0xfffd;
		size_t n = str_char(text, &c);
		unsigned units = s->encoding == ENCODING_GSM7 ? septets(c) : utf16_units(c);

		if (used + units > part) {
			parts++;
			used = 0;
		}
		used += units;
		s->units += units;
		s->characters++;
		text = str_from(text, n ? n : 1);
	}
	s->segments = s->units <= alone ? 1 : parts;
}

struct segments segment_count(struct str text)
{
	struct segments s = { .encoding = all_gsm7(text) ? ENCODING_GSM7 : ENCODING_UCS2 };

	if (s.encoding == ENCODING_GSM7)
		fill(text, &s, GSM7_ALONE, GSM7_PART);
	else
		fill(text, &s, UCS2_ALONE, UCS2_PART);
	return s;
}

const char *encoding_name(enum text_encoding e)
{
	return e == ENCODING_GSM7 ? "GSM-7" : "UCS-2";
}

const char *segment_refusal(struct arena *a, const struct segments *s)
{
	unsigned part = s->encoding == ENCODING_GSM7 ? GSM7_PART : UCS2_PART;
	unsigned room = part * TEXT_MAX_SEGMENTS;
	/* Parts that end early can make the text too long although its units would fit. */
	unsigned over = s->units > room ? s->units - room : 1;

	if (s->segments <= TEXT_MAX_SEGMENTS && s->characters <= TEXT_MAX_CHARACTERS)
		return NULL;
	if (s->encoding == ENCODING_UCS2)
		return arena_printf(
			       a,
			       "The text is about %u characters too long: with emoji or characters "
			       "outside the basic SMS alphabet, at most %u can be sent.",
			       over, room)
			.p;
	return arena_printf(a, "The text is about %u characters too long: at most %u can be sent.",
			    over, room)
		.p;
}
