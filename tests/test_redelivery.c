/* test_redelivery.c - what an answer to a webhook means, and when it is tried again. */
#include "testing.h"

#include "redelivery.h"

static void meanings(void **state)
{
	static const struct {
		const char *name;
		struct http_response answer;
		const char *state;
		bool gone;
		const char *why;
	} rows[] = {
		{ "200", { .status = 200 }, "delivered", false, "The receiver took it (200)." },
		{ "202", { .status = 202 }, "delivered", false, "The receiver took it (202)." },
		{ "299", { .status = 299 }, "delivered", false, "The receiver took it (299)." },
		{ "301",
		  { .status = 301 },
		  "waiting",
		  false,
		  "The receiver answered 301; redirections are not followed." },
		{ "400", { .status = 400 }, "waiting", false, "The receiver answered 400." },
		{ "404", { .status = 404 }, "waiting", false, "The receiver answered 404." },
		{ "410",
		  { .status = 410 },
		  "failed",
		  true,
		  "The receiver answered 410: gone for good." },
		{ "429", { .status = 429 }, "waiting", false, "The receiver answered 429." },
		{ "500", { .status = 500 }, "waiting", false, "The receiver answered 500." },
		{ "not sent",
		  { .transport = HTTP_NOT_SENT, .error = "its address is not public" },
		  "waiting",
		  false,
		  "It could not be sent: its address is not public." },
		{ "no answer",
		  { .transport = HTTP_MAYBE_SENT, .error = "timed out" },
		  "waiting",
		  false,
		  "It may not have arrived: timed out." },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct redelivery d = redelivery_judge(a, 0, 0, &rows[i].answer);

		check_str(rows[i].name, str_of(d.state), str_of(rows[i].state));
		check(rows[i].name, d.gone == rows[i].gone);
		check_str(rows[i].name, d.why, str_of(rows[i].why));
		check(rows[i].name, (d.delay_ms > 0) == (strcmp(d.state, "waiting") == 0));
	}
	arena_free(a);
}

static void schedule(void **state)
{
	static const int64_t seconds[] = {
		5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, 0
	};
	const struct http_response failed = { .status = 500 };
	struct arena *a = arena_new();
	char name[20];

	(void)state;
	for (size_t i = 0; i < COUNT(seconds); i++) {
		int64_t ms = seconds[i] * 1000;

		snprintf(name, sizeof(name), "try %zu", i + 1);
		check(name, redelivery_judge(a, (int64_t)i, 0, &failed).delay_ms == ms - ms / 10);
		check(name, redelivery_judge(a, (int64_t)i, 500, &failed).delay_ms == ms);
		check(name,
		      redelivery_judge(a, (int64_t)i, 1000, &failed).delay_ms == ms + ms / 10);
		for (unsigned chance = 1; chance; chance *= 3u) {
			int64_t d = redelivery_judge(a, (int64_t)i, chance, &failed).delay_ms;

			check(name, d >= ms - ms / 10 && d <= ms + ms / 10);
			if (chance > UINT32_MAX / 3)
				break;
		}
	}
	check_str("the tenth is the last", str_of(redelivery_judge(a, 8, 0, &failed).state),
		  STR("waiting"));
	check_str("the tenth is the last", str_of(redelivery_judge(a, 9, 0, &failed).state),
		  STR("failed"));
	check_str("replayed often", str_of(redelivery_judge(a, 100, 0, &failed).state),
		  STR("failed"));
	arena_free(a);
}

static void answers(void **state)
{
	static const struct {
		const char *name, *body, *kept;
	} rows[] = {
		{ "none", "", "" },
		{ "text", "ok", "ok" },
		{ "lines", " no\r\n\tway \n", "no   way" },
		{ "terminal codes", "\x1b[31mred\x7f", "[31mred" },
		{ "upper controls", "a\xc2\x9bz", "a z" },
		{ "UTF-8", "Caf\xc3\xa9", "Caf\xc3\xa9" },
		{ "broken", "Caf\xc3", "Caf?" },
		{ "bytes", "\xff\xfe", "??" },
	};
	struct arena *a = arena_new();
	char many[800];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct http_response r = { .status = 500, .body = str_of(rows[i].body) };

		check_str(rows[i].name, redelivery_judge(a, 0, 0, &r).answer, str_of(rows[i].kept));
	}
	memset(many, 'x', sizeof(many));
	memcpy(many + 499, "\xc3\xa9", 2);
	const struct http_response r = { .status = 500, .body = { many, sizeof(many) } };
	struct str kept = redelivery_judge(a, 0, 0, &r).answer;

	check("no character is cut in two", kept.len == 499 && str_is_text(kept));
	many[499] = '\0';
	many[500] = 'z';
	kept = redelivery_judge(a, 0, 0, &r).answer;
	check("text for the database", kept.len <= 500 && str_is_text(kept));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meanings),
		cmocka_unit_test(schedule),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
