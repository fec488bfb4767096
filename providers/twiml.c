/* twiml.c - writes a call's script as XML. */
#include "twiml.h"

#include "buf.h"

enum {
	SCRIPT_BYTES_MAX = 64 * 1024, /* Twilio takes no longer answer: error 11750 */
	PAUSE_MAX_S = 180,
	RECORD_MAX_S = 14400,
	SILENCE_S = 5, /* after which a recording ends */
};

#define EMPTY "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Hangup/></Response>"

/*
 * Amazon Polly's, which both carriers speak with; both take them by this name. The neural ones have
 * a man for each of our languages. Telnyx goes by the voice alone.
 */
static const struct {
	const char *ours, *theirs, *woman, *man;
} languages[] = {
	{ "en", "en-US", "Polly.Joanna-Neural", "Polly.Matthew-Neural" }, /* of what we lack too */
	{ "es", "es-US", "Polly.Lupe-Neural", "Polly.Pedro-Neural" },
	{ "fr", "fr-CA", "Polly.Gabrielle-Neural", "Polly.Liam-Neural" },
};

struct writer {
	struct buf b;
	const struct twiml_dialect *dialect;
	struct str voice, language;
};

static bool is_xml(uint32_t c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

/* NULL: written as it is. Telnyx fills {{...}} in before it reads the XML: no brace stays one. */
static const char *reference(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '{':
		return "&#123;";
	case '}':
		return "&#125;";
	default:
		return NULL;
	}
}

/* Without what XML 1.0 has no place for, and without bytes that are no character. */
static void put_text(struct buf *b, struct str s)
{
	while (s.len) {
		uint32_t c = 0;
		size_t n = str_char(s, &c);
		const char *instead = n ? reference(c) : NULL;

		if (instead)
			buf_put(b, str_of(instead));
		else if (n && is_xml(c))
			buf_put(b, (struct str){ s.p, n });
		s = str_from(s, n ? n : 1);
	}
}

static void put_attribute(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, " %s=\"", name);
	put_text(b, value);
	buf_char(b, '"');
}

static unsigned within(unsigned n, unsigned min, unsigned max)
{
	return n < min ? min : n > max ? max : n;
}

static void put_seconds(struct buf *b, const char *name, unsigned seconds)
{
	buf_printf(b, " %s=\"%u\"", name, seconds);
}

static void put_action(struct buf *b, struct str action)
{
	put_attribute(b, "action", action);
	put_attribute(b, "method", STR("POST"));
}

static void put_say(struct writer *w, const struct call_verb *v)
{
	buf_put(&w->b, STR("<Say"));
	put_attribute(&w->b, "voice", w->voice);
	put_attribute(&w->b, "language", w->language);
	buf_char(&w->b, '>');
	put_text(&w->b, v->words);
	buf_put(&w->b, STR("</Say>"));
}

static void put_pause(struct writer *w, const struct call_verb *v)
{
	buf_put(&w->b, STR("<Pause"));
	put_seconds(&w->b, "length", within(v->seconds, 1, PAUSE_MAX_S));
	buf_put(&w->b, STR("/>"));
}

/* No key ends it: each of them is one that guests press. */
static void put_gather(struct writer *w, const struct call_verb *v)
{
	buf_put(&w->b, STR("<Gather input=\"dtmf\" numDigits=\"1\" finishOnKey=\"\""));
	put_seconds(&w->b, "timeout", within(v->seconds, 1, w->dialect->gather_max_s));
	put_action(&w->b, v->action);
	buf_char(&w->b, '>');
	for (size_t i = 0; i < v->inside_num; i++) {
		if (v->inside[i].kind == VERB_SAY)
			put_say(w, &v->inside[i]);
		else if (v->inside[i].kind == VERB_PAUSE && w->dialect->pauses_in_gather)
			put_pause(w, &v->inside[i]);
	}
	buf_put(&w->b, STR("</Gather>"));
}

static void put_dial(struct writer *w, const struct call_verb *v)
{
	buf_put(&w->b, STR("<Dial"));
	put_attribute(&w->b, "callerId", v->from);
	put_seconds(&w->b, "timeout",
		    within(v->seconds, w->dialect->dial_min_s, w->dialect->dial_max_s));
	put_action(&w->b, v->action);
	buf_put(&w->b, STR("><Number>"));
	put_text(&w->b, v->number);
	buf_put(&w->b, STR("</Number></Dial>"));
}

static void put_record(struct writer *w, const struct call_verb *v)
{
	buf_put(&w->b, STR("<Record playBeep=\"true\" trim=\"trim-silence\""));
	if (w->dialect->stereo)
		buf_put(&w->b, STR(" channels=\"single\""));
	put_seconds(&w->b, "maxLength", within(v->seconds, 1, RECORD_MAX_S));
	put_seconds(&w->b, "timeout", SILENCE_S);
	put_action(&w->b, v->action);
	buf_put(&w->b, STR("/>"));
}

static void put_redirect(struct writer *w, const struct call_verb *v)
{
	buf_put(&w->b, STR("<Redirect method=\"POST\">"));
	put_text(&w->b, v->action);
	buf_put(&w->b, STR("</Redirect>"));
}

static void put_hang_up(struct writer *w, const struct call_verb *v)
{
	(void)v;
	buf_put(&w->b, STR("<Hangup/>"));
}

static void put_reject(struct writer *w, const struct call_verb *v)
{
	(void)v;
	buf_put(&w->b, STR("<Reject/>"));
}

static void (*const verbs[])(struct writer *, const struct call_verb *) = {
	[VERB_SAY] = put_say,	      [VERB_PAUSE] = put_pause,	  [VERB_GATHER] = put_gather,
	[VERB_DIAL] = put_dial,	      [VERB_RECORD] = put_record, [VERB_REDIRECT] = put_redirect,
	[VERB_HANG_UP] = put_hang_up, [VERB_REJECT] = put_reject,
};

static void choose_voice(struct writer *w, const struct call_script *script)
{
	size_t k = 0;

	for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++)
		if (str_is(script->language, languages[i].ours))
			k = i;
	w->language = str_of(languages[k].theirs);
	w->voice = str_of(script->man ? languages[k].man : languages[k].woman);
}

struct str twiml_write(struct arena *a, const struct twiml_dialect *d,
		       const struct call_script *script)
{
	struct writer w = { .b = buf_new(a, SCRIPT_BYTES_MAX), .dialect = d };

	choose_voice(&w, script);
	buf_put(&w.b, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>"));
	for (size_t i = 0; i < script->verb_num; i++)
		verbs[script->verbs[i].kind](&w, &script->verbs[i]);
	buf_put(&w.b, STR("</Response>"));
	return buf_full(&w.b) ? STR(EMPTY) : buf_str(&w.b);
}
