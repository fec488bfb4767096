/* case_script.c - the script of a call in a case: a line for each verb. */
#include "case_file.h"
#include "json.h"

enum { VERBS_MAX = 40, INSIDE_MAX = 8 };

static struct str text_of(struct arena *a, struct str s)
{
	const struct json *j = str_starts(s, STR("\"")) ? json_parse(a, s, NULL) : NULL;

	return j ? j->text : s;
}

static bool read_number(struct str *rest, unsigned *out)
{
	long long n;

	if (!str_number(str_cut(rest, ' '), &n))
		return false;
	*out = (unsigned)n;
	return true;
}

static const struct {
	const char *word;
	enum call_verb_kind kind;
	bool has_seconds, has_action;
} verbs[] = {
	{ "say", VERB_SAY, false, false },	   { "pause", VERB_PAUSE, true, false },
	{ "gather", VERB_GATHER, true, true },	   { "dial", VERB_DIAL, true, true },
	{ "record", VERB_RECORD, true, true },	   { "redirect", VERB_REDIRECT, false, true },
	{ "hang-up", VERB_HANG_UP, false, false }, { "reject", VERB_REJECT, false, false },
};

static bool read_verb(struct arena *a, struct str line, struct call_verb *v)
{
	struct str word = str_cut(&line, ' ');

	*v = (struct call_verb){ 0 };
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!str_is(word, verbs[i].word))
			continue;
		v->kind = verbs[i].kind;
		if (v->kind == VERB_SAY)
			v->words = text_of(a, line);
		if (v->kind == VERB_DIAL) {
			v->number = str_cut(&line, ' ');
			v->from = str_cut(&line, ' ');
		}
		if (verbs[i].has_action && !verbs[i].has_seconds)
			v->action = text_of(a, line);
		if (!verbs[i].has_seconds)
			return true;
		if (!read_number(&line, &v->seconds))
			return false;
		v->action = text_of(a, line);
		return true;
	}
	return false;
}

const char *case_script(struct arena *a, const struct case_file *c, struct call_script *out)
{
	struct call_verb *all = arena_zero(a, VERBS_MAX * sizeof(*all)), *inside = NULL, *v = NULL;
	struct str rest = case_section(c, "script");

	*out = (struct call_script){ .language = STR("en"), .verbs = all };
	while (rest.len) {
		struct str line = str_cut(&rest, '\n'), value = line;
		bool fine = true;

		if (str_is(str_cut(&value, ' '), "language")) {
			out->language = value;
		} else if (str_is(line, "man")) {
			out->man = true;
		} else if (str_starts(line, STR("\t"))) { /* in the gather before it */
			fine = v && v->inside && v->inside_num < INSIDE_MAX &&
			       read_verb(a, str_from(line, 1), &inside[v->inside_num++]);
		} else {
			v = &all[out->verb_num++];
			fine = out->verb_num < VERBS_MAX && read_verb(a, line, v);
			if (v->kind == VERB_GATHER)
				v->inside = inside = arena_zero(a, INSIDE_MAX * sizeof(*inside));
		}
		if (!fine)
			return arena_printf(a, "[script]: " STR_FMT, STR_ARG(line)).p;
	}
	return NULL;
}
