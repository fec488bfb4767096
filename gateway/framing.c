/* framing.c - is this request's head framed so that every reader sees the same request? */
#include "framing.h"

struct seen {
	unsigned headers, hosts, lengths, encodings;
	bool chunked;
};

static void note_header(struct seen *seen, struct str name, struct str value)
{
	seen->headers++;
	if (str_eq_fold(name, STR("host")))
		seen->hosts++;
	if (str_eq_fold(name, STR("content-length")))
		seen->lengths++;
	if (str_eq_fold(name, STR("transfer-encoding"))) {
		seen->encodings++;
		seen->chunked = str_eq_fold(value, STR("chunked"));
	}
}

/* One path, in one way to write it: nobody may read another method, target or version. */
static const char *check_request_line(struct str line, bool *http_1_0)
{
	struct str version = line, method = str_cut(&version, ' '), target = str_cut(&version, ' ');
	bool anything = str_is(target, "*") && str_is(method, "OPTIONS");

	*http_1_0 = str_is(version, "HTTP/1.0");
	if (!*http_1_0 && !str_is(version, "HTTP/1.1"))
		return "The request line must be METHOD TARGET HTTP/1.1, with one space between.";
	if (str_is(method, "TRACE") || str_is(method, "CONNECT"))
		return "TRACE and CONNECT are not answered.";
	if (!str_starts(target, STR("/")) && !anything)
		return "The target must be a path: this is no proxy.";
	return NULL;
}

static const char *verdict(const struct seen *seen, bool http_1_0)
{
	if (seen->headers > FRAMING_HEADERS_MAX)
		return "There may be at most 100 headers.";
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

static const char *check_headers(struct str rest, struct seen *seen)
{
	struct str line = { 0 };

	while (rest.len) {
		if (!take_line(&rest, &line))
			return "Every header line must end in CRLF.";
		if (!line.len)
			break;
		if (line.p[0] == ' ' || line.p[0] == '\t')
			return "Header lines may not be folded.";
		struct str name = str_cut(&line, ':');
		note_header(seen, name, str_trim(line));
	}
	return NULL;
}

struct framing framing_check(struct str head)
{
	struct seen seen = { 0 };
	struct framing f = { 0 };
	struct str line = { 0 };
	bool http_1_0;

	if (head.len > FRAMING_HEAD_MAX)
		f.problem = "The head of a request may have at most 16 kB.";
	if (str_starts(head, STR("\r\n"))) /* one empty line before it is allowed, and skipped */
		head = str_from(head, 2);
	if (!head.len)
		f.problem = "The head of the request is not complete.";
	else if (!f.problem && !take_line(&head, &line))
		f.problem = "The request line must end in CRLF.";
	if (!f.problem)
		f.problem = check_request_line(line, &http_1_0);
	if (!f.problem)
		f.problem = check_headers(head, &seen);
	if (!f.problem)
		f.problem = verdict(&seen, http_1_0);
	f.chunked = seen.encodings;
	return f;
}

struct str framing_head(struct str bytes)
{
	struct str rest = bytes;

	while (rest.len) {
		str_cut(&rest, '\n');
		size_t empty_line = str_starts(rest, STR("\r\n")) ? 2 :
				    str_starts(rest, STR("\n"))	  ? 1 :
								    0;

		if (empty_line)
			return (struct str){ bytes.p, bytes.len - rest.len + empty_line };
	}
	return (struct str){ 0 };
}
