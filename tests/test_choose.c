/* test_choose.c - which carrier is asked next, after any history. */
#include "testing.h"

#include "choose.h"

/* Numbers by a letter: t and T are ours at Twilio, n and N at Telnyx. */
static struct candidate candidate(char letter)
{
	return (struct candidate){ letter == 't' || letter == 'T' ? &twilio : &telnyx,
				   letter == 't' ? STR("+1") :
				   letter == 'T' ? STR("+2") :
				   letter == 'n' ? STR("+3") :
						   STR("+4"),
				   0 };
}

/* Attempts by a letter: lower case was transient, upper case was refused for good. */
static struct past_attempt past_attempt(char letter)
{
	return (struct past_attempt){ letter == 't' || letter == 'T' ? &twilio : &telnyx,
				      letter == 't' || letter == 'n' };
}

static const struct {
	const char *name, *candidates, *past;
	char chosen; /* 0: none */
	unsigned asked_before;
} rows[] = {
	{ "no number", "", "", 0, 0 },
	{ "the first", "tn", "", 't', 0 },
	{ "the other order", "nt", "", 'n', 0 },
	{ "one carrier", "t", "", 't', 0 },
	{ "first of two numbers", "Tt", "", 'T', 0 },
	{ "refused: the other", "tn", "T", 'n', 0 },
	{ "busy: the other", "tn", "t", 'n', 0 },
	{ "refused, nobody else", "t", "T", 0, 0 },
	{ "a refusal counts for all its numbers", "tT", "T", 0, 0 },
	{ "busy, nobody else", "t", "t", 't', 1 },
	{ "both refused", "tn", "TN", 0, 0 },
	{ "both busy: the first again", "tn", "tn", 't', 1 },
	{ "both busy, the first twice", "tn", "tnt", 'n', 1 },
	{ "refused, the other busy", "tn", "Tn", 'n', 1 },
	{ "busy, the other refused", "tn", "tN", 't', 1 },
	{ "busy, then refused", "tn", "tT", 'n', 0 },
	{ "refused by a carrier that is gone", "n", "T", 'n', 0 },
	{ "seven times", "t", "ttttttt", 't', 7 },
};

static void choosing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct candidate candidates[CANDIDATES_MAX];
		struct past_attempt past[ATTEMPTS_MAX];
		size_t candidate_num = strlen(rows[i].candidates), past_num = strlen(rows[i].past);
		unsigned asked_before = 99;

		for (size_t k = 0; k < candidate_num; k++)
			candidates[k] = candidate(rows[i].candidates[k]);
		for (size_t k = 0; k < past_num; k++)
			past[k] = past_attempt(rows[i].past[k]);
		const struct candidate *c = choose(candidates, candidate_num, past, past_num,
						   &asked_before);
		check(rows[i].name, (c != NULL) == (rows[i].chosen != 0));
		check(rows[i].name, asked_before == rows[i].asked_before);
		if (c)
			check_str(rows[i].name, c->number, candidate(rows[i].chosen).number);
	}
}

/* Carriers that stay busy are asked in turn, until it is enough. */
static void enough(void **state)
{
	const struct candidate candidates[] = { candidate('t'), candidate('n') };
	struct past_attempt past[ATTEMPTS_MAX];
	unsigned asked_before;

	(void)state;
	for (size_t num = 0; num < ATTEMPTS_MAX; num++) {
		const struct candidate *c = choose(candidates, COUNT(candidates), past, num,
						   &asked_before);

		check("in turn", c == &candidates[num % 2] && asked_before == num / 2);
		past[num] = (struct past_attempt){ c->provider, true };
	}
	check("enough", !choose(candidates, COUNT(candidates), past, ATTEMPTS_MAX, &asked_before));
}

/* However it goes on, no carrier that refused is asked again. */
static void never_after_a_refusal(void **state)
{
	enum { ROUNDS = 10 };
	const struct candidate candidates[] = { candidate('t'), candidate('n') };

	(void)state;
	for (unsigned fates = 0; fates < 1u << ROUNDS; fates++) {
		struct past_attempt past[ROUNDS];
		unsigned asked_before;

		for (size_t num = 0; num < ROUNDS; num++) {
			const struct candidate *c = choose(candidates, COUNT(candidates), past, num,
							   &asked_before);

			if (!c)
				break;
			for (size_t k = 0; k < num; k++)
				check("not after a refusal",
				      past[k].provider != c->provider || past[k].transient);
			past[num] = (struct past_attempt){ c->provider, fates >> num & 1 };
		}
	}
}

/* Carriers as letters: well, out, drained, busy; s: half of its first tries go elsewhere. */
static struct standing standing(char letter, int64_t retry_ms)
{
	return (struct standing){ .out = letter == 'o',
				  .drained = letter == 'd',
				  .busy = letter == 'b',
				  .retry_ms = retry_ms,
				  .shift = letter == 's' ? 50 : 0 };
}

static const struct {
	const char *name, *candidates, *standings, *past;
	unsigned draw;
	char chosen;
	bool waits;
} routes[] = {
	{ "all well", "tn", "ww", "", 0, 't', false },
	{ "the first is out", "tn", "ow", "", 0, 'n', false },
	{ "the first is drained", "tn", "dw", "", 0, 'n', false },
	{ "the first is busy", "tn", "bw", "", 0, 'n', false },
	{ "both are busy", "tn", "bb", "", 0, 0, true },
	{ "both are out: the one tried again first", "tn", "oo", "", 0, 'n', false },
	{ "both are drained", "tn", "dd", "", 0, 0, true },
	{ "one is drained, the other out: never none", "tn", "do", "", 0, 'n', false },
	{ "it refused, the other is out but not all are", "tn", "wo", "T", 0, 0, true },
	{ "it refused, the other is drained", "tn", "wd", "T", 0, 0, true },
	{ "it refused, and both are out", "tn", "oo", "T", 0, 'n', false },
	{ "nobody is left", "tn", "ww", "TN", 0, 0, false },
	{ "nobody is left, nor well", "tn", "oo", "TN", 0, 0, false },
	{ "its share", "tn", "sw", "", 50, 't', false },
	{ "the share of the other", "tn", "sw", "", 49, 'n', false },
	{ "the other cannot take it", "tn", "so", "", 0, 't', false },
	{ "a second try is nobody's share", "tn", "sw", "n", 0, 't', false },
	{ "its other number", "tT", "sw", "", 0, 't', false },
	{ "no number", "", "", "", 0, 0, false },
};

static void routing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(routes); i++) {
		struct candidate candidates[CANDIDATES_MAX];
		struct standing standings[CANDIDATES_MAX];
		struct past_attempt past[ATTEMPTS_MAX];
		struct choosing in = { .candidates = candidates,
				       .standings = standings,
				       .candidate_num = strlen(routes[i].candidates),
				       .past = past,
				       .past_num = strlen(routes[i].past),
				       .draw = routes[i].draw };

		for (size_t k = 0; k < in.candidate_num; k++) {
			candidates[k] = candidate(routes[i].candidates[k]);
			standings[k] = standing(routes[i].standings[k], 100 - (int64_t)k);
		}
		for (size_t k = 0; k < in.past_num; k++)
			past[k] = past_attempt(routes[i].past[k]);
		struct choice r = choose_route(&in);

		check(routes[i].name, (r.candidate != NULL) == (routes[i].chosen != 0));
		check(routes[i].name, (r.wait_ms > 0) == routes[i].waits || r.candidate);
		if (r.candidate)
			check_str(routes[i].name, r.candidate->number,
				  candidate(routes[i].chosen).number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choosing),
		cmocka_unit_test(enough),
		cmocka_unit_test(never_after_a_refusal),
		cmocka_unit_test(routing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
