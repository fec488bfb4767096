/*
 * tls.h - TLS of our own listener: versions 1.2 and 1.3, HTTP/1.1 only, and a certificate that is
 * read again when its files change. Without it a proxy in front has to speak TLS.
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "loop.h"

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct tls;

/* PEM files: the certificate with its chain, and its key. NULL, `*why` says what is wrong. */
struct tls *tls_new(struct arena *a, struct str cert_file, struct str key_file, struct str *why);
void tls_free(struct tls *t); /* NULL is harmless */

/* For a connection that begins: with a hold, for tls_release(), as the next may have another. */
struct ssl_ctx_st *tls_hold(struct tls *t);
void tls_release(struct ssl_ctx_st *context); /* NULL is harmless */

/*
 * Looks each second whether the files are others than those that were read, and reads them again.
 * What is wrong with them is logged, and the ones before stay in use.
 */
void tls_watch(struct tls *t, struct loop *l);
void tls_stop(struct tls *t);
void tls_reload_soon(struct tls *t); /* also when they look the same; from any thread */

int64_t tls_ends_s(const struct tls *t); /* when the certificate does, in Unix time */

#endif
