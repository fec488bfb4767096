/*
 * zone.c - looks an area code up; the table is made from area_zones.tsv. Source: the time zone map
 * of Google's libphonenumber; where a code spans zones, all are listed, the larger part first.
 */
#include "zone.h"

#include "zones_table.h"

#define E164_BYTES 12 /* "+1", area code, seven digits */

struct str phone_zones(struct str e164)
{
	long long area;

	if (e164.len != E164_BYTES || !str_starts(e164, STR("+1")) ||
	    !str_number((struct str){ e164.p + 2, 3 }, &area))
		return STR("");
	return str_of(zones_table[area]);
}
