/* http.c - looking headers up. */
#include "http.h"

struct str http_find(const struct http_header *headers, size_t num, struct str name)
{
	for (size_t i = 0; i < num; i++)
		if (str_eq_fold(headers[i].name, name))
			return headers[i].value;
	return (struct str){ NULL, 0 };
}
