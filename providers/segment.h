/*
 * segment.h - how a text is cut into SMS segments: GSM 7-bit (3GPP TS 23.038) when every character
 * is in its alphabet, else UCS-2. 160 septets alone, 153 in parts; 70 and 67 UTF-16 units.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "arena.h"

#define TEXT_MAX_CHARACTERS 1600 /* Twilio: 21617 above it */
#define TEXT_MAX_SEGMENTS 10	 /* Telnyx: 40302 above it */

enum text_encoding { ENCODING_GSM7, ENCODING_UCS2 };

struct segments {
	enum text_encoding encoding;
	unsigned characters; /* Unicode code points */
	unsigned units;	     /* septets or UTF-16 units */
	unsigned segments;   /* at least 1 */
};

/* `text` must be valid UTF-8 (str_is_text). Escapes and surrogate pairs are not split. */
struct segments segment_count(struct str text);
const char *encoding_name(enum text_encoding e); /* "GSM-7", "UCS-2" */

/* NULL when both carriers take it, else a sentence that says why not and by how much. */
const char *segment_refusal(struct arena *a, const struct segments *s);

#endif
