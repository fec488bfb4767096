/* test_dogstatsd.c - the lines and datagrams that Datadog's agent gets. */
#include "testing.h"

#include <netinet/in.h>

#include "dogstatsd.h"

static struct metrics *of(struct arena *a, double requests, double waiting, uint64_t times)
{
	struct metrics *all = metrics_read(a);
	struct sample *s;

	metrics_put(all, METRIC_HTTP_REQUESTS, LABELS("/v1/messages", "POST", "2xx"), requests);
	metrics_put(all, METRIC_QUEUE, NO_LABELS, waiting);
	metrics_put(all, METRIC_LOOP_LAG, NO_LABELS, (double)times / 1000);
	s = all->first[METRIC_LOOP_LAG];
	s->count = s->buckets[1] = times;
	return all;
}

static void lines(void **state)
{
	struct arena *a = arena_new();
	struct metrics *before = of(a, 40, 7, 10), *now = of(a, 42, 5, 14);
	struct str tags = STR("env:test,service:maitred");
	struct buf first = buf_new(a, 10000), more = buf_new(a, 10000), same = buf_new(a, 10000);

	(void)state;
	dogstatsd_lines(before, NULL, tags, &first);
	check_str("since the start", buf_str(&first),
		  STR("maitred_http_requests_total:40|c|#env:test,service:maitred,"
		      "route:/v1/messages,method:POST,status:2xx\n"
		      "maitred_loop_lag_seconds.count:10|c|#env:test,service:maitred\n"
		      "maitred_loop_lag_seconds.sum:0.010000|c|#env:test,service:maitred\n"
		      "maitred_queue_messages:7|g|#env:test,service:maitred\n"));
	dogstatsd_lines(now, metrics_copy(before, a), tags, &more);
	check_str("what they grew by", buf_str(&more),
		  STR("maitred_http_requests_total:2|c|#env:test,service:maitred,"
		      "route:/v1/messages,method:POST,status:2xx\n"
		      "maitred_loop_lag_seconds.count:4|c|#env:test,service:maitred\n"
		      "maitred_loop_lag_seconds.sum:0.004000|c|#env:test,service:maitred\n"
		      "maitred_queue_messages:5|g|#env:test,service:maitred\n"));
	dogstatsd_lines(now, metrics_copy(now, a), STR(""), &same);
	check_str("what stands still is not told, but gauges", buf_str(&same),
		  STR("maitred_queue_messages:5|g|#\n"));
	arena_free(a);
}

static void tags(void **state)
{
	struct arena *a = arena_new();
	struct config all = { .dd_env = STR("prod"),
			      .dd_service = STR("m"),
			      .dd_version = STR("7") };
	struct config none = { 0 };

	(void)state;
	check_str("all", dogstatsd_tags(a, &all), STR("env:prod,service:m,version:7"));
	check_str("none", dogstatsd_tags(a, &none), STR(""));
	struct metrics *one = metrics_read(a);
	struct buf out = buf_new(a, 1000);

	metrics_put(one, METRIC_BUILD_INFO, LABELS("1,2|3\n#4", "gcc"), 1);
	dogstatsd_lines(one, NULL, STR("env:x"), &out);
	check_str("what would end a tag", buf_str(&out),
		  STR("maitred_build_info:1|g|#env:x,version:1_2_3__4,compiler:gcc\n"));
	arena_free(a);
}

/* Whole lines, in their order, and nothing lost. */
static void datagrams(void **state)
{
	struct arena *a = arena_new();
	struct buf out = buf_new(a, 1 << 20), again = buf_new(a, 1 << 20);
	unsigned num = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&out, "a_name_%0*d:1|c|#x\n", i % 90 + 1, i);
	for (struct str rest = buf_str(&out); rest.len; num++) {
		struct str d = dogstatsd_datagram(&rest);

		check("its length", d.len && d.len <= DATAGRAM_MAX);
		check("whole lines", d.p[d.len - 1] == '\n');
		buf_put(&again, d);
	}
	check_str("all of it", buf_str(&again), buf_str(&out));
	check("they are filled", num < buf_str(&out).len / (DATAGRAM_MAX - 120) + 2);
	char *huge = arena_alloc(a, 3000);

	memset(huge, 'x', 3000);
	huge[2999] = '\n';
	struct str rest = { huge, 3000 };
	check("one that is too long goes alone, and ends", dogstatsd_datagram(&rest).len == 3000);
	check("nothing is left", !rest.len);
	arena_free(a);
}

static void addresses(void **state)
{
	struct in_addr out;

	(void)state;
	check("an address", dogstatsd_address(STR("10.1.2.3"), &out));
	check("localhost", dogstatsd_address(STR("localhost"), &out));
	check("it is this machine", out.s_addr == htonl(INADDR_LOOPBACK));
	check("a name", !dogstatsd_address(STR("agent.example"), &out));
	check("too long", !dogstatsd_address(STR("100.100.100.100.100.100"), &out));
	check("none", !dogstatsd_address(STR(""), &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(tags),
		cmocka_unit_test(datagrams),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
