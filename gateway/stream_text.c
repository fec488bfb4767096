/* stream_text.c - writes events as lines, and reads the id that a client sends back. */
#include "stream_text.h"

#include <inttypes.h>

#include "json.h"

#define SMALL_MAX 256

bool place_read(struct str id, struct place *out)
{
	struct str seq = id, xid = str_cut(&seq, '-');
	long long x, s;

	if (!xid.len || !seq.len || !str_number(xid, &x) || !str_number(seq, &s))
		return false;
	*out = (struct place){ (uint64_t)x, s };
	return true;
}

static void put_one_line(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_char(b, text.p[i] == '\n' || text.p[i] == '\r' ? ' ' : text.p[i]);
}

void stream_put_event(struct buf *b, struct place at, struct str type, struct str data)
{
	buf_printf(b, "id: %" PRIu64 "-%" PRId64 "\nevent: ", at.xid, at.seq);
	put_one_line(b, type);
	buf_put(b, STR("\ndata: "));
	put_one_line(b, data);
	buf_put(b, STR("\n\n"));
}

void stream_put_place(struct buf *b, struct place at, const char *type)
{
	struct str id = arena_printf(b->arena, "%" PRIu64 "-%" PRId64, at.xid, at.seq);
	struct buf data = buf_new(b->arena, SMALL_MAX);

	json_open(&data, NULL, '{');
	json_put_str(&data, "id", id);
	json_put_str(&data, "type", str_of(type));
	json_close(&data, '}');
	stream_put_event(b, at, str_of(type), buf_str(&data));
}

void stream_put_end(struct buf *b, struct str why)
{
	struct buf data = buf_new(b->arena, SMALL_MAX);

	json_open(&data, NULL, '{');
	json_put_str(&data, "why", why);
	json_close(&data, '}');
	buf_printf(b, "event: end\ndata: " STR_FMT "\n\n", STR_ARG(buf_str(&data)));
}
