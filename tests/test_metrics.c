/* test_metrics.c - counting on several threads, the table, and how Prometheus reads it. */
#include "testing.h"

#include <ctype.h>
#include <pthread.h>

#include "metrics_read.h"

#define TIMES 100000

static void *count_much(void *arg)
{
	(void)arg;
	metrics_begin();
	for (int i = 0; i < TIMES; i++) {
		metrics_count(METRIC_CALLBACKS, LABELS("twilio", "journalled"));
		metrics_observe(METRIC_CARRIER_SECONDS, LABELS("twilio", "send"), 1000);
	}
	metrics_end();
	return NULL;
}

static double value(struct arena *a, enum metric m, struct labels l)
{
	const struct sample *s = metrics_find(metrics_read(a), m, l);

	return s ? s->value : -1;
}

/* Threads count while another reads: what it reads only grows, and nothing is lost at the end. */
static void pages_add_up(void **state)
{
	struct arena *a = arena_new();
	struct labels l = LABELS("twilio", "journalled");
	pthread_t threads[4];
	double before = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		check("a thread", !pthread_create(&threads[i], NULL, count_much, NULL));
	for (int i = 0; i < 20; i++) {
		double now = value(a, METRIC_CALLBACKS, l);

		check("it only grows", now >= before || now == -1);
		before = now > before ? now : before;
	}
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	check("all of it", value(a, METRIC_CALLBACKS, l) == 4.0 * TIMES);
	const struct sample *s = metrics_find(metrics_read(a), METRIC_CARRIER_SECONDS,
					      LABELS("twilio", "send"));

	check("how many", s && s->count == 4 * TIMES);
	check("their sum", s && s->value > 399.9 && s->value < 400.1);
	check("their bucket: up to 1 ms", s && s->buckets[1] == 4 * TIMES && !s->buckets[0]);
	arena_free(a);
}

static void no_page_no_count(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	metrics_count(METRIC_CALLBACKS, LABELS("nobody", "refused"));
	check("nothing", value(a, METRIC_CALLBACKS, LABELS("nobody", "refused")) == -1);
	metrics_begin();
	metrics_set(METRIC_STREAMS_OPEN, NO_LABELS, 7);
	metrics_set(METRIC_STREAMS_OPEN, NO_LABELS, 3);
	metrics_end();
	check("set, not added", value(a, METRIC_STREAMS_OPEN, NO_LABELS) == 3);
	arena_free(a);
}

static void buckets(void **state)
{
	struct arena *a = arena_new();
	struct labels l = LABELS("x");

	(void)state;
	metrics_begin();
	for (int i = 0; i < METRIC_BUCKETS; i++) {
		check("ascending", !i || metric_bounds_us[i] > metric_bounds_us[i - 1]);
		metrics_observe(METRIC_QUERY_SECONDS, l, metric_bounds_us[i]);
	}
	metrics_observe(METRIC_QUERY_SECONDS, l, INT64_MAX / 2);
	metrics_end();
	const struct sample *s = metrics_find(metrics_read(a), METRIC_QUERY_SECONDS, l);

	for (int i = 0; i <= METRIC_BUCKETS; i++)
		check("one in each: a bound belongs to its bucket", s->buckets[i] == 1);
	arena_free(a);
}

static void text(void **state)
{
	struct arena *a = arena_new();
	struct buf out = buf_new(a, 1 << 20);
	struct metrics *all = metrics_read(a);

	(void)state;
	for (int m = 0; m < METRICS; m++)
		all->first[m] = NULL, all->last[m] = &all->first[m];
	metrics_put(all, METRIC_BUILD_INFO, LABELS("1\"2\\3\n", "gcc"), 1);
	metrics_put(all, METRIC_QUEUE, NO_LABELS, 12);
	metrics_put(all, METRIC_STARTED, NO_LABELS, 1795200000.125);
	metrics_text(all, &out);
	check_str("exposition", buf_str(&out),
		  STR("# HELP maitred_build_info What runs: always 1.\n"
		      "# TYPE maitred_build_info gauge\n"
		      "maitred_build_info{version=\"1\\\"2\\\\3\\n\",compiler=\"gcc\"} 1\n"
		      "# HELP maitred_queue_messages Messages that are to be sent or asked for, "
		      "now or later.\n"
		      "# TYPE maitred_queue_messages gauge\n"
		      "maitred_queue_messages 12\n"
		      "# HELP process_start_time_seconds When it started, in Unix time.\n"
		      "# TYPE process_start_time_seconds gauge\n"
		      "process_start_time_seconds 1795200000.125\n"));
	arena_free(a);
}

/* Prometheus' conventions for names, as promtool has them. */
static void names(void **state)
{
	(void)state;
	for (int m = 0; m < METRICS; m++) {
		const struct metric_info *i = &metric_table[m];
		struct str name = str_of(i->name), labels = str_of(i->labels);
		size_t num = 0;

		check("a name", name.len && i->help && *i->help);
		check(i->name,
		      str_starts(name, STR("maitred_")) || str_starts(name, STR("process_")));
		for (size_t c = 0; c < name.len; c++)
			check(i->name, islower((unsigned char)name.p[c]) || name.p[c] == '_');
		check(i->name, (i->type == METRIC_COUNTER) == str_ends(name, STR("_total")));
		check(i->name, i->type != METRIC_HISTOGRAM || str_ends(name, STR("_seconds")));
		check(i->name, !strchr(i->help, '\n') && !strchr(i->help, '|'));
		for (; labels.len; num++)
			check(i->name, metric_label(&labels).len);
		check(i->name, num <= METRIC_LABELS_MAX);
		for (int other = 0; other < m; other++)
			check(i->name, strcmp(metric_table[other].name, i->name) != 0);
	}
}

static void process(void **state)
{
	struct arena *a = arena_new();
	struct metrics *all = metrics_read(a);

	(void)state;
	metrics_process(all);
	check("cpu", metrics_find(all, METRIC_CPU, NO_LABELS)->value > 0);
	check("memory", metrics_find(all, METRIC_RSS, NO_LABELS)->value > 1e6);
	check("files", metrics_find(all, METRIC_OPEN_FDS, NO_LABELS)->value >= 3);
	check("of", metrics_find(all, METRIC_MAX_FDS, NO_LABELS)->value >= 3);
	check("since", metrics_find(all, METRIC_STARTED, NO_LABELS)->value > 1.7e9);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_add_up), cmocka_unit_test(no_page_no_count),
		cmocka_unit_test(buckets),	cmocka_unit_test(text),
		cmocka_unit_test(names),	cmocka_unit_test(process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
