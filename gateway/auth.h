/*
 * auth.h - who is asking: API keys.
 */
#ifndef AUTH_H
#define AUTH_H

#include "exchange.h"

/*
 * The SHA-256 of the key in "Authorization: Bearer ...", in hexadecimal, in the arena: what
 * statements take as their caller. False when there is none; then 401 was replied. Whether the key
 * is one of ours, and not revoked, the statement says.
 */
bool auth_key(struct exchange *x, struct str *hash);

#endif
