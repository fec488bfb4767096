/* framing.c - fuzzes the framing check on the raw head of a request. */
#include "framing.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct str head = framing_head(bytes);

	if (head.len > size)
		__builtin_trap();
	if (head.len)
		framing_check(head);
	framing_check(bytes);
	return 0;
}
