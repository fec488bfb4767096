/* test_amplitude.c - what each answer of Amplitude means for the events of a request. */
#include "testing.h"

#include "amplitude.h"

#define NUM 4

static const struct str who[NUM] = {
	{ "usr_1", 5 }, { "usr_2", 5 }, { "usr_1", 5 }, { "dev_1", 5 }
};

static void answers(void **state)
{
	static const struct {
		const char *name;
		int status; /* 0: none came */
		const char *body;
		enum amplitude_next next;
		const char *which; /* "0101": the second and the fourth */
	} rows[] = {
		{ "200", 200, "{\"code\":200}", AMPLITUDE_TAKEN, "0000" },
		{ "invalid fields", 400,
		  "{\"events_with_invalid_fields\":{\"time\":[0],\"user_id\":[3]}}", AMPLITUDE_DROP,
		  "1001" },
		{ "missing fields", 400, "{\"events_with_missing_fields\":{\"event_type\":[2]}}",
		  AMPLITUDE_DROP, "0010" },
		{ "short ids", 400, "{\"events_with_invalid_id_lengths\":{\"user_id\":[1]}}",
		  AMPLITUDE_DROP, "0100" },
		{ "silenced", 400, "{\"silenced_events\":[0,1]}", AMPLITUDE_DROP, "1100" },
		{ "indexes beyond, and no numbers", 400, "{\"silenced_events\":[4,-1,\"0\",1.5,3]}",
		  AMPLITUDE_DROP, "0001" },
		{ "none named", 400, "{\"error\":\"Invalid API key\"}", AMPLITUDE_DROP, "1111" },
		{ "no JSON", 400, "<html>", AMPLITUDE_DROP, "1111" },
		{ "the wrong types", 400,
		  "{\"silenced_events\":7,\"events_with_invalid_fields\":[]}", AMPLITUDE_DROP,
		  "1111" },
		{ "their firewall", 403, "<html>", AMPLITUDE_DROP, "1111" },
		{ "404", 404, "", AMPLITUDE_DROP, "1111" },
		{ "413", 413, "{}", AMPLITUDE_SPLIT, "0000" },
		{ "429 by events", 429, "{\"throttled_events\":[1]}", AMPLITUDE_PAUSE, "0100" },
		{ "429 by user", 429, "{\"throttled_users\":{\"usr_1\":31}}", AMPLITUDE_PAUSE,
		  "1010" },
		{ "429 by device", 429, "{\"throttled_devices\":{\"dev_1\":31}}", AMPLITUDE_PAUSE,
		  "0001" },
		{ "429 that names none", 429, "{}", AMPLITUDE_PAUSE, "1111" },
		{ "500", 500, "", AMPLITUDE_AGAIN, "0000" },
		{ "502", 502, "", AMPLITUDE_AGAIN, "0000" },
		{ "503", 503, "", AMPLITUDE_AGAIN, "0000" },
		{ "504", 504, "", AMPLITUDE_AGAIN, "0000" },
		{ "none", 0, "", AMPLITUDE_AGAIN, "0000" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct http_response r = {
			.transport = rows[i].status ? HTTP_ANSWERED : HTTP_MAYBE_SENT,
			.status = rows[i].status,
			.body = str_of(rows[i].body),
		};
		struct amplitude_verdict v = amplitude_judge(a, &r, who, NUM);

		check(rows[i].name, v.next == rows[i].next);
		for (size_t k = 0; k < NUM; k++)
			check(rows[i].name, v.which[k] == (rows[i].which[k] == '1'));
	}
	arena_free(a);
}

static void request(void **state)
{
	const struct str events[] = { STR("{\"a\":1}"), STR("{\"b\":2}") };
	struct arena *a = arena_new();
	struct http_request r;

	(void)state;
	amplitude_build(a, STR("https://api2.amplitude.com"), STR("key"), events, 2, &r);
	check_str("url", r.url, STR("https://api2.amplitude.com/2/httpapi"));
	check_str("body", r.body,
		  STR("{\"api_key\":\"key\",\"events\":[{\"a\":1},{\"b\":2}],"
		      "\"options\":{\"min_id_length\":5}}"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers), cmocka_unit_test(request) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
