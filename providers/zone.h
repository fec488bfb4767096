/*
 * zone.h - the time zone that a telephone number suggests. Pure.
 */
#ifndef ZONE_H
#define ZONE_H

#include "str.h"

/*
 * The IANA zones of the area code of an E.164 number of the North American plan, separated by
 * spaces: "America/New_York", and two where the code spans two ("America/Chicago America/Denver").
 * Empty for any other number: other countries, toll-free. Static.
 *
 * A hint, since people keep their number when they move. It is the usual stand-in for where the
 * guest is, and quiet hours take the stricter of it and the venue's own zone.
 */
struct str phone_zones(struct str e164);

#endif
