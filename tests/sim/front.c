/* front.c - callbacks and messages come in, are committed, and only then answered. */
#include "front.h"

#include "batch.h"
#include "checks.h"
#include "clock.h"
#include "id.h"
#include "journal.h"
#include "process.h"
#include "secret.h"
#include "secrets.h"

#define VERIFIED_OF_1000 60 /* histories in which callbacks are signed: that costs the most */

static bool verifies;
static char telnyx_key[64]; /* base64 */

struct carrier_list process_carriers = {
	.at = {
		{ &twilio,
		  { .base_url = STR("https://api.twilio.com"),
		    .public_url = STR(FAKE_PUBLIC_URL),
		    .id = STR(FAKE_SID),
		    .user = STR(FAKE_SID),
		    .secret = STR(FAKE_TOKEN),
		    .webhook_secrets = { STR(FAKE_TOKEN) },
		    .webhook_secret_num = 1 } },
		{ &telnyx,
		  { .base_url = STR("https://api.telnyx.com"),
		    .public_url = STR(FAKE_PUBLIC_URL),
		    .secret = STR(FAKE_KEY),
		    .webhook_secret_num = 1 } },
	},
	.num = CARRIERS,
	.pace_10dlc = 4000,
	.pace_toll_free = 3000,
	.pace_long_code = 1000,
};

void front_set_up(void)
{
	uint8_t seed[ED25519_KEY_BYTES], key[ED25519_KEY_BYTES];
	struct arena *a = arena_new();
	struct str text;

	memset(seed, FAKE_SEED_BYTE, sizeof(seed));
	secret_ed25519_public((struct str){ (char *)seed, sizeof(seed) }, key);
	text = secret_base64(a, (struct str){ (char *)key, sizeof(key) });
	assert(text.len < sizeof(telnyx_key));
	memcpy(telnyx_key, text.p, text.len);
	process_carriers.at[TELNYX].account.webhook_secrets[0] = str_of(telnyx_key);
	arena_free(a);
}

void front_reset(void)
{
	verifies = sim_chance(VERIFIED_OF_1000);
}

bool front_verifies(void)
{
	return verifies;
}

void front_open(struct process *p)
{
	p->accept = db_batch_new(p->db, p->loop, DB_ACCEPT, SQL_MESSAGE_ACCEPT,
				 "ttttttttiittiittt");
	p->journal = journal_batch(p->db, p->loop);
}

void front_close(struct process *p)
{
	db_batch_free(p->accept);
	db_batch_free(p->journal);
}

/* ---- callbacks ---- */

struct arrival {
	struct moment comes, goes;
	struct process *process;
	struct hook *hook;
	unsigned try_num;
	int status;
};

static void on_hook_goes(struct moment *e)
{
	struct arrival *r = container_of(e, struct arrival, goes);

	hook_answered(r->hook, r->try_num, r->status);
}

static void answer_hook(struct arrival *r, int status)
{
	if (!r->process->up) /* it is being taken apart: nothing leaves it */
		return;
	if (r->status)
		return;
	story(r->process->name, "answers %s callback of %s (%s) with %d",
	      r->hook->forged ? "a forged" : "the", r->hook->text->id.p,
	      r->hook->status ? r->hook->status : r->hook->text->body.p, status);
	r->status = status;
	if (status == 200)
		check_acknowledged(r->hook);
	moment_after(&r->goes, sim_spread(1, 50), NULL, on_hook_goes);
}

static void on_journalled(void *ctx, const struct db_row *row)
{
	struct arrival *r = ctx;

	if (row->status != DB_OK) {
		answer_hook(r, row->status == DB_AWAY ? 503 : 500);
		return;
	}
	inbound_wake(r->process->inbound);
	answer_hook(r, 200);
}

static void journal(struct arrival *r, struct arena *a, const struct provider *p,
		    const struct event *e)
{
	const struct journalled what = {
		.provider = p,
		.target = str_from(r->hook->url, sizeof(FAKE_PUBLIC_URL) - 1),
		.content_type = r->hook->type,
		.body = r->hook->body,
		.event = e,
	};

	journal_add(r->process->journal, a, &what, on_journalled, r);
	if (without == GUARD_STOP_FIRST)
		answer_hook(r, 200);
}

static bool is_genuine(struct arena *a, const struct carrier *c, const struct hook *h,
		       const struct http_request *request)
{
	const char *why = "";

	if (without == GUARD_SIGNATURE || (!verifies && !h->forged))
		return true;
	return c->provider->verify_webhook(a, &c->account, request, clock_wall_ms() / 1000, &why) ==
	       WEBHOOK_VALID;
}

static void on_comes(struct moment *e)
{
	struct arrival *r = container_of(e, struct arrival, comes);
	const struct carrier *c = &process_carriers.at[r->hook->text->carrier];
	const struct http_header headers[] = {
		{ STR("Content-Type"), r->hook->type },
		{ c->provider == &twilio ? STR("X-Twilio-Signature") :
					   STR("telnyx-signature-ed25519"),
		  r->hook->signature },
		{ STR("telnyx-timestamp"), r->hook->stamp },
	};
	const struct http_request request = {
		.method = STR("POST"),
		.url = r->hook->url,
		.body = r->hook->body,
		.headers = headers,
		.header_num = sizeof(headers) / sizeof(*headers),
	};
	struct arena *a = arena_new();
	const char *why = "";
	struct event event = { 0 };

	if (!is_genuine(a, c, r->hook, &request)) {
		must(r->hook->forged || !str_is(r->hook->stamp, "") || c->provider != &twilio,
		     "a genuine callback is refused");
		answer_hook(r, 403);
	} else if (!c->provider->parse_webhook(a, &request, &event, &why)) {
		violation("a callback cannot be read: %s", why);
	} else {
		journal(r, a, c->provider, &event);
	}
	arena_free(a);
}

bool front_receive(struct process *p, struct hook *h, unsigned try_num)
{
	struct arrival *r;

	if (!p->up)
		return false;
	r = sim_alloc(sizeof(*r));
	r->process = p;
	r->hook = h;
	r->try_num = try_num;
	moment_after(&r->comes, sim_spread(1, 50), p, on_comes);
	return true;
}

/* ---- messages ---- */

struct posting {
	struct moment comes, goes;
	struct process *process;
	struct post *post;
	unsigned try_num;
	int status;
	struct str message_id;
};

static void on_post_goes(struct moment *e)
{
	struct posting *r = container_of(e, struct posting, goes);

	r->post->posted(r->post, r->try_num, r->status, r->message_id);
}

static void on_stored(void *ctx, const struct db_row *row)
{
	struct posting *r = ctx;
	struct str verdict = STR("");

	if (!r->process->up)
		return;
	if (row->row >= 0) {
		verdict = db_get(row->result, row->row, 1);
		r->message_id = sim_copy(db_get(row->result, row->row, 2));
	}
	r->status = row->status == DB_AWAY	? 503 :
		    row->status == DB_REFUSED	? 500 :
		    str_is(verdict, "accepted") ? 202 :
		    str_is(verdict, "replayed") ? 202 :
						  409;
	if (r->status == 202)
		dispatch_wake(r->process->dispatch);
	moment_after(&r->goes, sim_spread(1, 50), NULL, on_post_goes);
}

static struct db_param time_or_null(int64_t in_ms)
{
	return in_ms ? db_int(clock_wall_ms() + in_ms) : db_text_or_null(STR(""));
}

static void on_post_comes(struct moment *e)
{
	struct posting *r = container_of(e, struct posting, comes);
	const struct post *p = r->post;
	struct id message = id_new("msg", clock_wall_ms());
	struct id conversation = id_new("cnv", clock_wall_ms());
	struct str hash = STR("00");
	const struct db_param row[] = {
		db_text(hash),
		db_text(id_str(&message)),
		db_text(id_str(&conversation)),
		db_text(p->phone),
		db_text(p->body),
		db_text_or_null(p->number),
		db_text(str_of(p->kind)),
		db_text(STR("GSM-7")),
		db_int(1),
		db_int(clock_wall_ms() + p->expires_in_ms),
		db_text(p->key),
		db_text(p->hash),
		time_or_null(p->send_in_ms),
		time_or_null(p->arrive_in_ms),
		db_text_or_null(STR("")),
		db_text_or_null(STR("")),
		db_text(STR("sms")),
	};

	db_batch_add(r->process->accept, row, on_stored, r);
}

bool front_post(struct process *p, struct post *post, unsigned try_num)
{
	struct posting *r;

	if (!p->up)
		return false;
	r = sim_alloc(sizeof(*r));
	r->process = p;
	r->post = post;
	r->try_num = try_num;
	moment_after(&r->comes, sim_spread(1, 50), p, on_post_comes);
	return true;
}

/* ---- cancelling ---- */

static void on_cancelled(void *ctx, const struct db_result *r)
{
	const struct message *m = ctx;

	if (db_rows(r) && db_get_int(r, 0, 0) == 200)
		check_cancelled(m);
}

void front_cancel(struct process *p, struct message *m)
{
	const struct db_param params[] = { db_text(m->id), db_text(STR("The table is taken.")) };

	if (p->up && !p->stopped)
		db_query(p->db, DB_API, SQL_MESSAGE_CANCEL, DB_PARAMS(params), on_cancelled, m);
}
