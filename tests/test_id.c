/* test_id.c - ids: their form, their time and that they rise, over threads and stopped clocks. */
#include "testing.h"

#include <pthread.h>

#include "id.h"

static void form(void **state)
{
	struct id id = id_new("msg", 1770000000000);

	(void)state;
	check("length", strlen(id.text) == ID_BYTES && id_str(&id).len == ID_BYTES);
	check("valid", id_valid(id_str(&id), "msg"));
	check("other prefix", !id_valid(id_str(&id), "pty"));
	/* 1770000000000 is 0x019c1c38a400; 8 digits hold 38 of its 48 bits */
	check("time is in front", str_starts(id_str(&id), STR("msg_01kge3h9")));
}

static void validity(void **state)
{
	static const struct {
		const char *name, *text;
		bool ok;
	} rows[] = {
		{ "good", "msg_01kge3h90071g7rq2ab3cdefgh", true },
		{ "empty", "", false },
		{ "too short", "msg_01kge3h90071g7rq2ab3cdefg", false },
		{ "too long", "msg_01kge3h90071g7rq2ab3cdefghj", false },
		{ "upper case", "msg_01KGE3H90071G7RQ2AB3CDEFGH", false },
		{ "letter u", "msg_01kge3h90071g7rq2ab3cdefgu", false },
		{ "no underscore", "msg-01kge3h90071g7rq2ab3cdefgh", false },
		{ "over 128 bits", "msg_81kge3h90071g7rq2ab3cdefgh", false },
		{ "quote", "msg_01kge3h90071g7rq2ab3cdef'h", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].name, id_valid(str_of(rows[i].text), "msg") == rows[i].ok);
	check("NUL inside", !id_valid(STR("msg_01kge3h90071g7rq2ab3cdef\0h"), "msg"));
}

static void rising(void **state)
{
	static const struct {
		const char *name;
		int64_t step_ms;
	} rows[] = { { "forward", 1 }, { "stopped", 0 }, { "backward", -1 } };
	int64_t now = 1770000000000;
	struct id before = id_new("msg", now);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int k = 0; k < 10000; k++) {
			struct id id = id_new("msg", now += rows[i].step_ms);

			check(rows[i].name, strcmp(before.text, id.text) < 0);
			before = id;
		}
	}
}

enum { THREADS = 4, EACH = 5000 };

static void *make_many(void *arg)
{
	struct id *ids = arg;

	for (int i = 0; i < EACH; i++)
		ids[i] = id_new("att", 1770000100000);
	return NULL;
}

static void threads(void **state)
{
	static struct id ids[THREADS][EACH];
	pthread_t t[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, make_many, ids[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < THREADS; i++)
		for (int k = 1; k < EACH; k++)
			check("each thread's rise", strcmp(ids[i][k - 1].text, ids[i][k].text) < 0);
	for (int k = 0; k < EACH; k++)
		check("never the same", strcmp(ids[0][k].text, ids[1][k].text) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form),
		cmocka_unit_test(validity),
		cmocka_unit_test(rising),
		cmocka_unit_test(threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
