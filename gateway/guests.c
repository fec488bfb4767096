/* guests.c - the line of the log that an erasure is. */
#include "guests.h"

#include "json.h"
#include "log.h"

void guests_log_erasure(struct exchange *x, struct str body)
{
	const char *why;
	const struct json *erased = json_parse(x->arena, body, &why);
	struct str account = json_str(erased, "account_id"), hash = json_str(erased, "hash");

	log_info("erased", "account=" STR_FMT " hash=" STR_FMT, STR_ARG(account), STR_ARG(hash));
}
