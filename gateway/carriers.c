/* carriers.c - the accounts, checked once, so that nothing about them fails later. */
#include "carriers.h"

#include "secret.h"

static bool configured(const struct config *c, struct str name)
{
	return str_is(name, "twilio") ? c->twilio_account_sid.len : c->telnyx_api_key.len;
}

static struct carrier_account twilio_account(const struct config *c)
{
	bool key = c->twilio_api_key.len;
	struct carrier_account account = {
		.base_url = c->twilio_base_url,
		.public_url = c->public_url,
		.id = c->twilio_account_sid,
		.user = key ? c->twilio_api_key : c->twilio_account_sid,
		.secret = key ? c->twilio_api_secret : c->twilio_auth_token,
		.webhook_secrets = { c->twilio_auth_token, c->twilio_auth_token_next },
		.webhook_secret_num = c->twilio_auth_token_next.len ? 2 : 1,
		.can_call = true,
	};

	return account;
}

static struct carrier_account telnyx_account(struct arena *a, const struct config *c,
					     struct buf *problems)
{
	struct str rest = c->telnyx_public_key;
	struct carrier_account account = {
		.base_url = c->telnyx_base_url,
		.public_url = c->public_url,
		.id = c->telnyx_account_id,
		.voice_app = c->telnyx_voice_app,
		.secret = c->telnyx_api_key,
		.can_call = c->telnyx_voice_app.len > 0,
	};

	while (rest.len && account.webhook_secret_num < CARRIER_SECRETS_MAX) {
		struct str key = str_trim(str_cut(&rest, ',')), raw;

		if (!secret_base64_decode(a, key, &raw) || !secret_ed25519_key_ok(raw))
			buf_printf(problems,
				   "TELNYX_PUBLIC_KEY must be base64 of a 32-byte Ed25519 key.\n");
		account.webhook_secrets[account.webhook_secret_num++] = key;
	}
	return account;
}

void carriers_load(struct carrier_list *out, struct arena *a, const struct config *c,
		   struct buf *problems)
{
	struct str order = c->carrier_order;

	*out = (struct carrier_list){
		.pace_10dlc = (unsigned)c->pace_10dlc * 1000,
		.pace_toll_free = (unsigned)c->pace_toll_free * 1000,
		.pace_long_code = (unsigned)c->pace_long_code * 1000,
		.pace_calls = (unsigned)c->pace_calls * 1000,
	};
	while (order.len) {
		struct str name = str_cut(&order, ',');

		if (!configured(c, name))
			continue;
		out->at[out->num++] = (struct carrier){
			.provider = provider_find(name),
			.account = str_is(name, "twilio") ? twilio_account(c) :
							    telnyx_account(a, c, problems),
			.pace = 1000 * (unsigned)(str_is(name, "twilio") ? c->twilio_pace :
									   c->telnyx_pace),
		};
	}
	if (!out->num)
		buf_printf(problems,
			   "No carrier is configured: set TWILIO_ACCOUNT_SID and "
			   "TWILIO_AUTH_TOKEN, or TELNYX_API_KEY and TELNYX_PUBLIC_KEY.\n");
}
