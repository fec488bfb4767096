/* values.c - parameters and rows of the virtual database: PostgreSQL's binary arrays, and text. */
#include <endian.h>

#include "vdb.h"

/* ---- db.h: parameters and rows as the production code sees them ---- */

struct db_param db_text(struct str s)
{
	return (struct db_param){ .bytes = s.p ? s.p : "", .len = (int)s.len };
}

struct db_param db_text_or_null(struct str s)
{
	return s.len ? db_text(s) : (struct db_param){ 0 };
}

struct db_param db_int(int64_t v)
{
	return (struct db_param){ .big_endian = htobe64((uint64_t)v),
				  .len = sizeof(uint64_t),
				  .is_int = true };
}

int db_rows(const struct db_result *r)
{
	const struct rows *rows = r->rows;

	return r->status == DB_OK && rows->num ? (int)rows->num / rows->columns : 0;
}

struct str db_get(const struct db_result *r, int row, int column)
{
	const struct rows *rows = r->rows;

	must(column < rows->columns && row < db_rows(r), "column %d of row %d is not there", column,
	     row);
	return rows->cells[row * rows->columns + column];
}

int64_t db_get_int(const struct db_result *r, int row, int column)
{
	struct str s = db_get(r, row, column);
	bool negative = str_starts(s, STR("-"));
	long long v = 0;

	if (!str_number(str_from(s, negative), &v))
		must(!s.len, "column %d is no number: " STR_FMT, column, STR_ARG(s));
	return negative ? -v : v;
}

/* ---- parameters as a statement sees them ---- */

struct str arg_text(const struct args *a, int dollar)
{
	must(dollar <= a->num, "the statement wants $%d and gets %d", dollar, a->num);
	return a->raw[dollar];
}

static int64_t int_of(struct str s)
{
	uint64_t big_endian;

	if (!s.p)
		return 0;
	must(s.len == sizeof(big_endian), "an integer of %zu bytes", s.len);
	memcpy(&big_endian, s.p, sizeof(big_endian));
	return (int64_t)be64toh(big_endian);
}

int64_t arg_int(const struct args *a, int dollar)
{
	return int_of(arg_text(a, dollar));
}

static uint32_t next_u32(struct str *s)
{
	uint32_t big_endian;

	assert(s->len >= sizeof(big_endian));
	memcpy(&big_endian, s->p, sizeof(big_endian));
	*s = str_from(*s, sizeof(big_endian));
	return be32toh(big_endian);
}

/* ndim, flags, element type, length, lower bound; then length and bytes of each. */
static struct str *read_array(struct str s, unsigned *num)
{
	struct str *out;

	next_u32(&s);
	next_u32(&s);
	next_u32(&s);
	*num = next_u32(&s);
	next_u32(&s);
	out = sim_alloc(*num * sizeof(*out));
	for (unsigned i = 0; i < *num; i++) {
		uint32_t len = next_u32(&s);

		if (len == UINT32_MAX)
			continue;
		out[i] = (struct str){ s.p, len };
		s = str_from(s, len);
	}
	return out;
}

void args_read_arrays(struct args *a, int first)
{
	for (int i = first; i <= a->num; i++) {
		unsigned num;

		a->column[i] = read_array(a->raw[i], &num);
		must(i == first || num == a->rows, "arrays of different lengths");
		a->rows = num;
	}
}

struct str in_text(const struct args *a, unsigned row, int dollar)
{
	must(dollar <= a->num && a->column[dollar], "the statement wants $%d and gets %d", dollar,
	     a->num);
	return a->column[dollar][row];
}

int64_t in_int(const struct args *a, unsigned row, int dollar)
{
	return int_of(in_text(a, row, dollar));
}

/* ---- rows ---- */

void put_text(struct rows *r, struct str s)
{
	if (r->num == r->cap) {
		struct str *old = r->cells;

		r->cap = r->cap ? r->cap * 2 : 32;
		r->cells = sim_alloc(r->cap * sizeof(*old));
		if (old)
			memcpy(r->cells, old, r->num * sizeof(*old));
	}
	r->cells[r->num++] = sim_copy(s);
}

void put_int(struct rows *r, int64_t v)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t left = v < 0 ? (uint64_t)-v : (uint64_t)v;

	for (; left || p == digits + sizeof(digits); left /= 10)
		*--p = (char)('0' + left % 10);
	if (v < 0)
		*--p = '-';
	put_text(r, (struct str){ p, (size_t)(digits + sizeof(digits) - p) });
}
