/* fields_params.c - what was read, as the parameters of a statement. */
#include "fields.h"

struct db_param fields_param(const struct field *f, const struct field_value *v)
{
	if (!v->given)
		return (struct db_param){ 0 };
	if (f->type == FIELD_TIME || f->type == FIELD_NUMBER)
		return db_int(v->number);
	return db_text(v->text);
}

int fields_params(const struct field *fields, const struct field_value *v, struct db_param *out)
{
	int n = 0;

	for (; fields && fields[n].name; n++)
		out[n] = fields_param(&fields[n], &v[n]);
	return n;
}
