/*
 * password.h - people's passwords: which are refused, and how they are kept (bcrypt).
 *
 * Hashing takes a fifth of a second by intent, and looking through a long password some ms: call
 * all of it on a crew's thread, never on a loop.
 */
#ifndef PASSWORD_H
#define PASSWORD_H

#include "arena.h"

#define PASSWORD_MIN_CHARACTERS 8
#define PASSWORD_MAX_BYTES 512
#define PASSWORD_HASH_MAX 61 /* with its NUL */

/*
 * NULL when the password will do; else one sentence, in `a`, saying all that is missing. `words`
 * are the person's own: name, e-mail address, the venue's name.
 *
 * It needs 8 characters, an uppercase letter, a number and a symbol. Characters are Unicode's, and
 * so are uppercase letters; a letter of a script without case is just a letter. Numbers are 0 to 9
 * and symbols ASCII's, or a space: what other scripts have counts as letters, so that nobody has to
 * guess. It must be more than common words, names, repetitions and rows of keys with a few digits.
 */
const char *password_refusal(struct arena *a, struct str password, const struct str *words,
			     size_t word_num);

/*
 * bcrypt ($2b$) of a MAC of the password: each of its bytes counts, also behind the 72nd and behind
 * a NUL. `cost` is bcrypt's, 4 to 31: each step doubles the time. No trace is left in memory.
 */
void password_hash(char out[PASSWORD_HASH_MAX], struct str password, unsigned cost);
bool password_matches(struct str password, struct str hash); /* false for what is no hash of ours */
bool password_needs_rehash(struct str hash, unsigned cost);  /* it was made at another cost */

/* A hash that no password matches, to be tried for unknown people: it takes as long as theirs. */
void password_dummy_hash(char out[PASSWORD_HASH_MAX], unsigned cost);

/* Common words, in lower case, separated by spaces (password_words.c). Also rows of keys. */
extern const char password_words[], password_rows[];

#endif
