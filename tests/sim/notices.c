/* notices.c - notifications of the virtual database: to each process, some time, or never. */
#include "process.h"
#include "vdb.h"

struct notice {
	struct moment comes;
	struct process *process;
	const char *channel;
};

static void on_comes(struct moment *m)
{
	const struct notice *n = container_of(m, struct notice, comes);

	vdb_hear(n->process->db, n->channel);
}

void vdb_notify(const char *channel)
{
	for (unsigned i = 0; i < process_num; i++) {
		struct notice *n;

		if (!processes[i].up || strikes(FAULT_NOTIFY_LOST))
			continue;
		n = sim_alloc(sizeof(*n));
		n->process = &processes[i];
		n->channel = channel;
		moment_after(&n->comes, sim_spread(0, 20), n->process, on_comes);
	}
}
