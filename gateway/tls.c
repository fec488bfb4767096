/* tls.c - OpenSSL's settings for our listener, and when its files are read. */
#include "tls.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "clock.h"
#include "log.h"

#define ERROR_MAX 256
#define LOOK_EVERY_MS 1000

/* What tells one content of a file from another, also when it was moved into its place. */
struct identity {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct tls {
	struct arena *arena;
	const char *cert_file, *key_file;
	struct identity seen[2]; /* as they were last read, or tried */
	SSL_CTX *context;
	struct loop *loop; /* NULL: nobody watches */
	struct timer look;
	atomic_bool asked; /* to read them again */
};

static void identify(const struct tls *t, struct identity out[2])
{
	const char *const files[] = { t->cert_file, t->key_file };
	struct stat s;

	for (int i = 0; i < 2; i++) {
		memset(&out[i], 0, sizeof(out[i])); /* also what lies between the members */
		if (stat(files[i], &s))
			continue;
		out[i].device = s.st_dev;
		out[i].inode = s.st_ino;
		out[i].size = s.st_size;
		out[i].changed = s.st_mtim;
	}
}

/* "TLS_KEY_FILE: No such file or directory" */
static struct str complaint(struct arena *a, const char *setting)
{
	char system[ERROR_MAX];
	unsigned long code = ERR_get_error();
	const char *reason = ERR_SYSTEM_ERROR(code) ?
				     strerror_r(ERR_GET_REASON(code), system, sizeof(system)) :
				     ERR_reason_error_string(code);

	ERR_clear_error();
	return arena_printf(a, "%s: %s.", setting, reason ? reason : "it cannot be used");
}

/* Nobody is asked for the password of a key: there is nobody. */
static int no_password(char *out, int size, int writing, void *arg)
{
	(void)out, (void)size, (void)writing, (void)arg;
	return 0;
}

static int choose_http_1(SSL *ssl, const unsigned char **out, unsigned char *out_len,
			 const unsigned char *offered, unsigned offered_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl, (void)arg;
	return SSL_select_next_proto((unsigned char **)out, out_len, ours, sizeof(ours) - 1,
				     offered, offered_len) == OPENSSL_NPN_NEGOTIATED ?
		       SSL_TLSEXT_ERR_OK :
		       SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301: it offers only what we lack */
}

/*
 * Only ciphers with forward secrecy and authenticated encryption. No resumption: keys of tickets
 * would have to be shared and changed, and a whole handshake costs 0.2 ms.
 */
static bool harden(SSL_CTX *c)
{
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
				       SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(c, 0);
	SSL_CTX_set_default_passwd_cb(c, no_password);
	SSL_CTX_set_alpn_select_cb(c, choose_http_1, NULL);
	return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) &&
	       SSL_CTX_set1_groups_list(c, "X25519:P-256:P-384") &&
	       SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20");
}

static SSL_CTX *read_files(const struct tls *t, struct arena *a, struct str *why)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());

	assert(c);
	ERR_clear_error();
	bool hard = harden(c);
	assert(hard);
	if (!SSL_CTX_use_certificate_chain_file(c, t->cert_file))
		*why = complaint(a, "TLS_CERT_FILE");
	else if (!SSL_CTX_use_PrivateKey_file(c, t->key_file, SSL_FILETYPE_PEM) ||
		 !SSL_CTX_check_private_key(c))
		*why = complaint(a, "TLS_KEY_FILE");
	else
		return c;
	SSL_CTX_free(c);
	return NULL;
}

struct tls *tls_new(struct arena *a, struct str cert_file, struct str key_file, struct str *why)
{
	struct tls *t = calloc(1, sizeof(*t));

	assert(t);
	t->arena = arena_new();
	t->cert_file = arena_cstr(t->arena, cert_file);
	t->key_file = arena_cstr(t->arena, key_file);
	identify(t, t->seen);
	t->context = read_files(t, a, why);
	if (t->context)
		return t;
	tls_free(t);
	return NULL;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->context);
	arena_free(t->arena);
	free(t);
}

struct ssl_ctx_st *tls_hold(struct tls *t)
{
	SSL_CTX_up_ref(t->context);
	return t->context;
}

void tls_release(struct ssl_ctx_st *context)
{
	SSL_CTX_free(context);
}

/* ---- when they change ---- */

static bool changed(const struct tls *t)
{
	struct identity now[2];

	identify(t, now);
	return memcmp(now, t->seen, sizeof(now)) != 0;
}

static void read_again(struct tls *t)
{
	struct arena *a = arena_new();
	struct str why = STR("");

	identify(t, t->seen); /* before it is read: what changes meanwhile is seen next time */
	SSL_CTX *fresh = read_files(t, a, &why);
	if (fresh) {
		SSL_CTX_free(t->context);
		t->context = fresh;
		log_info("certificate_loaded", "days=%lld",
			 (long long)(tls_ends_s(t) - clock_wall_ms() / 1000) / 86400);
	} else {
		log_error("certificate_refused", "why=" STR_FMT, STR_ARG(why));
	}
	arena_free(a);
}

static void on_time(struct timer *timer)
{
	struct tls *t = container_of(timer, struct tls, look);

	if (atomic_exchange(&t->asked, false) || changed(t))
		read_again(t);
	timer_start(t->loop, timer, LOOK_EVERY_MS, on_time);
}

void tls_watch(struct tls *t, struct loop *l)
{
	t->loop = l;
	timer_start(l, &t->look, LOOK_EVERY_MS, on_time);
}

void tls_stop(struct tls *t)
{
	if (t->loop)
		timer_stop(t->loop, &t->look);
}

void tls_reload_soon(struct tls *t)
{
	atomic_store(&t->asked, true);
}

int64_t tls_ends_s(const struct tls *t)
{
	struct tm end = { 0 };
	X509 *certificate = SSL_CTX_get0_certificate(t->context);

	if (!certificate || !ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end))
		return 0;
	return timegm(&end);
}
