/*
 * front_door.h - what every request passes before its route is looked for: did it come safely, and
 * does its sender not ask too often?
 */
#ifndef FRONT_DOOR_H
#define FRONT_DOOR_H

#include "exchange.h"

/*
 * False when the client came by http although PUBLIC_URL is https, as the proxy in front says; it
 * was answered: pages lead to https, the API refuses, as what it was sent has been on the wire.
 */
bool front_door_secure(struct exchange *x);

/* False when its sender asks too often, which it was told. */
bool front_door_admit(struct exchange *x);

/* The same of all who are signed in at one account, once it is known which. */
bool front_door_admit_account(struct exchange *x, struct str account);

#endif
