/* times.c - fuzzes times as text: what is read is written, and read back as the same. */
#include "fuzz.h"

#include "rfc2822.h"
#include "rfc3339.h"

#define YEAR_1_MS INT64_C(-62135596800000)
#define YEAR_10000_MS INT64_C(253402300800000)

static void written_and_read(struct arena *a, int64_t ms)
{
	int64_t again;

	if (ms < YEAR_1_MS || ms >= YEAR_10000_MS) /* by the offset from UTC */
		return;
	must(rfc3339_parse(rfc3339_write(a, ms), &again));
	must(ms == again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	int64_t ms;

	if (rfc3339_parse(input(data, size), &ms))
		written_and_read(a, ms);
	if (rfc2822_parse(input(data, size), &ms))
		written_and_read(a, ms);
	arena_free(a);
	return 0;
}
