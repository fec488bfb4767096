/*
 * revocation.h - a guest who asks in their own words not to be texted. Pure.
 *
 * The definite words (consent.h) opt a guest out at once. The FCC takes any words that a reasonable
 * person would understand as a revocation (47 CFR 64.1200(a)(10)), and those cannot all be listed:
 * what is found here pauses texts to the guest and asks staff, who confirm or clear it. So it errs
 * on the side of finding one.
 */
#ifndef REVOCATION_H
#define REVOCATION_H

#include "arena.h"

/*
 * The words in which `body` asks not to be texted, in English, Spanish or French, in lower case
 * and without accents: "stop texting me", "wrong number", "no mas". Empty when it does not ask.
 * In the arena.
 */
struct str revocation_words(struct arena *a, struct str body);

#endif
