/* statements.c - which function stands in for which statement, and from where its arrays begin. */
#include "checks.h"
#include "sql.h"

static const struct {
	void (*run)(const struct args *a, struct rows *out);
	int arrays_from; /* 0: it has none */
} known[SQL_NUM] = {
	[SQL_MESSAGE_ACCEPT] = { sql_message_accept, 3 },
	[SQL_QUEUE_CLAIM] = { sql_queue_claim, 0 },
	[SQL_ATTEMPT_OPEN] = { sql_attempt_open, 3 },
	[SQL_ATTEMPT_SETTLE] = { sql_attempt_settle, 3 },
	[SQL_ATTEMPT_UNHEARD] = { sql_attempt_unheard, 0 },
	[SQL_HEARD_CLAIM] = { sql_heard_claim, 0 },
	[SQL_HEARD_MISSING] = { sql_heard_missing, 0 },
	[SQL_HEARD_DONE] = { sql_heard_done, 0 },
	[SQL_HELP_QUEUE] = { sql_help_queue, 3 },
	[SQL_MESSAGE_CANCEL] = { sql_message_cancel, 0 },
	[SQL_CARRIER_SYNC] = { sql_carrier_sync, 0 },
	[SQL_CARRIER_CHANGE] = { sql_carrier_change, 0 },
	[SQL_QUARANTINE] = { sql_quarantine, 0 },
	[SQL_CARRIER_UNHEARD] = { sql_carrier_unheard, 0 },
	[SQL_CALLBACK_JOURNAL] = { sql_callback_journal, 3 },
	[SQL_CALLBACK_PARTITIONS] = { sql_callback_partitions, 0 },
	[SQL_PENDING_CLAIM] = { sql_pending_claim, 0 },
	[SQL_PENDING_DONE] = { sql_pending_done, 0 },
	[SQL_RECEIPTS_APPLY] = { sql_receipts_apply, 3 },
	[SQL_REPLIES_APPLY] = { sql_replies_apply, 3 },
};

void statement_run(enum statement s, struct args *a, struct rows *out)
{
	must(known[s].run, "the simulation does not know the statement %s: add it to statements.c",
	     statements[s].name);
	out->columns = 1;
	if (known[s].arrays_from && !a->rows)
		args_read_arrays(a, known[s].arrays_from);
	known[s].run(a, out);
}
