/* webhook.c - fuzzes the reading of answers and webhooks: whatever comes, the result is sound. */
#include "fuzz.h"

#include "provider.h"

static void read_answer(struct arena *a, const struct provider *p, int status, struct str body)
{
	struct http_response answer = {
		.transport = HTTP_ANSWERED,
		.status = status,
		.body = body,
	};
	const struct outbound *const ways[] = { p->texts, p->calls };
	struct send_result result;
	struct event e;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		ways[i]->parse_send(a, &answer, &result);
		must(result.code != NULL);
		must((result.outcome == SEND_ACCEPTED) == (status >= 200 && status <= 299));
		must(status < 500 || result.outcome == SEND_AMBIGUOUS ||
		     result.code->handling == HANDLING_BACK_OFF);
		must(!ways[i]->parse_fetch(a, &answer, &e) || e.carrier_id.len);
	}
}

static void read_webhook(struct arena *a, const struct provider *p, const struct http_request *r)
{
	struct event e;
	const char *why = NULL;

	if (!p->parse_webhook(a, r, &e, &why)) {
		must(why && *why);
		return;
	}
	must(str_is_text(e.event_id) && str_is_text(e.carrier_id) && str_is_text(e.body));
	must(str_is_text(e.account_id) && str_is_text(e.attempt_id));
	must(str_is_text(e.from) && str_is_text(e.to) && str_is_text(e.status_text));
	must(e.kind == EVENT_IGNORED || (e.event_id.len && e.carrier_id.len));
	must(!e.code_text.len || e.code);
}

static void read_question(struct arena *a, const struct provider *p, const struct http_request *r)
{
	struct call_question q;
	const char *why = NULL;

	if (!p->parse_call(a, r, &q, &why)) {
		must(why && *why);
		return;
	}
	must(q.carrier_id.len && str_is_text(q.carrier_id) && str_is_text(q.from));
	must(str_is_text(q.to) && str_is_text(q.account_id) && str_is_text(q.attempt_id));
	must(str_is_text(q.step) && str_is_text(q.digits) && str_is_text(q.dialled));
	must(str_is_text(q.recording_url));
}

/* Whatever is said or asked for, what the carrier reads is one document, of text. */
static void write_script(struct arena *a, const struct provider *p, struct str url, struct str body)
{
	struct call_verb say = { .kind = VERB_SAY, .words = body };
	unsigned seconds = body.len ? (unsigned char)*body.p * 100U : 0;
	struct call_verb verbs[] = {
		say,
		{ .kind = VERB_GATHER,
		  .seconds = seconds,
		  .action = url,
		  .inside = &say,
		  .inside_num = 1 },
		{ .kind = VERB_DIAL,
		  .seconds = seconds,
		  .action = url,
		  .number = body,
		  .from = url },
		{ .kind = VERB_RECORD, .seconds = seconds, .action = url },
		{ .kind = VERB_PAUSE, .seconds = seconds },
		{ .kind = VERB_REDIRECT, .action = body },
	};
	struct call_script script = {
		.language = url,
		.man = body.len % 2,
		.verbs = verbs,
		.verb_num = sizeof(verbs) / sizeof(*verbs),
	};
	struct str xml = p->write_script(a, &script);

	must(str_is_text(xml) && str_starts(xml, STR("<?xml")) &&
	     str_ends(xml, STR("</Response>")));
	for (size_t i = 0; i < xml.len; i++)
		must((unsigned char)xml.p[i] >= 0x20 || memchr("\t\n\r", xml.p[i], 3));
}

/* The first line is the URL of a webhook; the rest is its body, and that of an answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 302, 400, 401, 408, 409, 429, 500, 503 };
	struct arena *a = arena_new();
	struct str body = input(data, size);
	struct http_header type = { STR("Content-Type"), STR("") };
	struct http_request r = {
		.method = STR("POST"),
		.url = str_cut(&body, '\n'),
		.headers = &type,
		.header_num = 1,
	};

	r.body = body;
	for (size_t i = 0; providers[i]; i++) {
		for (size_t k = 0; k < sizeof(statuses) / sizeof(*statuses); k++)
			read_answer(a, providers[i], statuses[k], body);
		type.value = STR("application/json");
		read_webhook(a, providers[i], &r);
		type.value = STR("application/x-www-form-urlencoded");
		read_webhook(a, providers[i], &r);
		read_question(a, providers[i], &r);
		write_script(a, providers[i], r.url, body);
	}
	arena_free(a);
	return 0;
}
