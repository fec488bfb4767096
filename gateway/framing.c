/* framing.c - is this request's head framed so that every reader sees the same request? */
#include "framing.h"

struct seen {
	unsigned hosts, lengths, encodings;
	bool chunked;
};

static void note_header(struct seen *seen, struct str name, struct str value)
{
	if (str_eq_fold(name, STR("host")))
		seen->hosts++;
	if (str_eq_fold(name, STR("content-length")))
		seen->lengths++;
	if (str_eq_fold(name, STR("transfer-encoding"))) {
		seen->encodings++;
		seen->chunked = str_eq_fold(value, STR("chunked"));
	}
}

static const char *verdict(const struct seen *seen, bool http_1_0)
{
	if (seen->hosts > 1 || (!seen->hosts && !http_1_0))
		return "There must be exactly one Host header.";
	if (seen->lengths > 1)
		return "There must be at most one Content-Length header.";
	if (seen->encodings && (seen->lengths || http_1_0))
		return "Content-Length and Transfer-Encoding exclude each other.";
	if (seen->encodings > 1 || (seen->encodings && !seen->chunked))
		return "The only Transfer-Encoding understood is chunked.";
	return NULL;
}

/* Takes one line off `rest`, without its CRLF; false when it ends in a bare LF. */
static bool take_line(struct str *rest, struct str *line)
{
	*line = str_cut(rest, '\n');
	if (!line->len || line->p[line->len - 1] != '\r')
		return false;
	line->len--;
	return true;
}

const char *framing_problem(struct str head)
{
	struct seen seen = { 0 };
	struct str line;

	if (str_starts(head, STR("\r\n"))) /* one empty line before it is allowed, and skipped */
		head = str_from(head, 2);
	if (!take_line(&head, &line))
		return "The request line must end in CRLF.";
	bool http_1_0 = str_ends(line, STR("HTTP/1.0"));

	while (head.len) {
		if (!take_line(&head, &line))
			return "Every header line must end in CRLF.";
		if (!line.len)
			break;
		if (line.p[0] == ' ' || line.p[0] == '\t')
			return "Header lines may not be folded.";
		struct str name = str_cut(&line, ':');
		note_header(&seen, name, str_trim(line));
	}
	return verdict(&seen, http_1_0);
}

struct str framing_head(struct str bytes)
{
	const char *end = bytes.len ? memmem(bytes.p, bytes.len, "\n\r\n", 3) : NULL;
	const char *bare = bytes.len ? memmem(bytes.p, bytes.len, "\n\n", 2) : NULL;

	if (bare && (!end || bare < end))
		return (struct str){ bytes.p, (size_t)(bare - bytes.p) + 2 };
	return end ? (struct str){ bytes.p, (size_t)(end - bytes.p) + 3 } : (struct str){ 0 };
}
