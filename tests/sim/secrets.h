/*
 * secrets.h - made-up credentials that both sides of the simulation share.
 */
#ifndef SECRETS_H
#define SECRETS_H

#define FAKE_SID "AC00000000000000000000000000000001"
#define FAKE_TOKEN "00000000000000000000000000000002"
#define FAKE_KEY "KEY00000000000000000000000000003"
#define FAKE_PUBLIC_URL "https://maitred.example"
#define FAKE_SEED_BYTE 7 /* Telnyx's private seed: 32 of them */

#endif
