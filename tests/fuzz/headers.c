/*
 * headers.c - fuzzes what clients' headers say: the trace that they belong to, and the place in the
 * events that they have reached (Last-Event-ID), which an event is written at and read back.
 */
#include "fuzz.h"

#include "stream_text.h"
#include "trace.h"

static unsigned count(struct str text, char c)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.p[i] == c;
	return n;
}

static void traces(struct str given)
{
	struct str rest = given, one = str_cut(&rest, '\n'), two = str_cut(&rest, '\n');
	struct trace t = trace_read(one, two, rest);

	must(strlen(t.id) < sizeof(t.id) && strlen(t.span) < sizeof(t.span));
	must(strspn(t.id, "0123456789abcdef") == strlen(t.id));
	must(strspn(t.span, "0123456789abcdef") == strlen(t.span));
}

static void places(struct arena *a, struct str given)
{
	struct buf b = buf_new(a, 2 * given.len + 1024);
	struct place at, again;

	if (!place_read(given, &at))
		at = (struct place){ 1, 2 };
	stream_put_event(&b, at, given, given);
	struct str rest = buf_str(&b), id = str_cut(&rest, '\n');
	must(!buf_full(&b) && count(buf_str(&b), '\n') == 4 && !count(buf_str(&b), '\r'));
	must(place_read(str_from(id, sizeof("id: ") - 1), &again));
	must(at.xid == again.xid && at.seq == again.seq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();

	traces(input(data, size));
	places(a, input(data, size));
	arena_free(a);
	return 0;
}
