/*
 * config.h - the configuration is the environment, through one table: it reads, checks, documents.
 * Every problem is reported at once; a secret's value is never printed.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "buf.h"

struct config {
	struct str database_url, database_direct_url, public_url, bind;
	long database_connections, processes;
	long port, workers, max_connections, connections_per_address, body_max_bytes, idle_s,
		request_s, linger_s;
	struct str log_format, log_level;
	struct str default_region, unsafe_database, trust_proxy, webhook_private;
	struct str carrier_order;
	struct str twilio_account_sid, twilio_auth_token, twilio_auth_token_next;
	struct str twilio_api_key, twilio_api_secret, twilio_base_url;
	struct str telnyx_account_id, telnyx_voice_app, telnyx_api_key, telnyx_public_key,
		telnyx_base_url;
	long send_concurrency, send_timeout_s, validity_s, grace_s, message_ttl_s;
	long receipt_wait_s, receipt_end_s;
	long pace_10dlc, pace_toll_free, pace_long_code, pace_calls, twilio_pace, telnyx_pace;
	struct str privacy_key, session_keys, seal_keys, mail_url, mail_from, cors_origins,
		phones_url;
	long password_cost, api_rate;
	struct str operator_token, dd_agent_host, dd_env, dd_service, dd_version, dyno;
	long dd_dogstatsd_port;
	struct str amplitude_api_key, amplitude_base_url;
	struct str recurly_api_key, recurly_base_url, recurly_webhook_keys, recurly_subdomain,
		recurly_sms_add_on, recurly_call_add_on;
	struct str ssl_cert_file, crash_dir, sandbox;
	struct str tls_cert_file, tls_key_file, cloudflare_secret;
	long sim_port;
};

typedef const char *config_source(const char *name); /* getenv, or a test's */

/*
 * Reads every key. False when something is wrong; then `problems` holds one sentence per line, all
 * of them. Strings are copied into the arena, which must live as long as the configuration.
 */
bool config_load(struct config *c, struct arena *a, config_source *get, struct buf *problems);

/* Overwrites what stands in the environment of secrets, where others of the machine may read it. */
void config_wipe_environment(void);

void config_print(const struct config *c, struct buf *out); /* what is in force; secrets masked */
void config_table(struct buf *out);			    /* the README's table, in Markdown */
void config_names(struct buf *out);			    /* one name per line */
bool config_is_secret(const char *name);		    /* masked by config_print() */

#endif
