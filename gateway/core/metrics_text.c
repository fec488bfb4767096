/* metrics_text.c - metrics as Prometheus reads them: text exposition format 0.0.4. */
#include "metrics_read.h"

#include <stdio.h>

static void put_escaped(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p == '\n')
			buf_put(out, STR("\\n"));
		else if (*p == '\\' || *p == '"')
			buf_printf(out, "\\%c", *p);
		else
			buf_char(out, *p);
}

/* name_suffix{route="/v1/messages",le="0.5"}: `le` may be NULL. */
static void put_name(struct buf *out, const struct metric_info *info, const char *suffix,
		     struct labels l, const char *le)
{
	struct str names = str_of(info->labels);
	const char *before = "{";

	buf_printf(out, "%s%s", info->name, suffix);
	for (int i = 0; names.len; i++, before = ",") {
		struct str name = metric_label(&names);

		buf_printf(out, "%s" STR_FMT "=\"", before, STR_ARG(name));
		put_escaped(out, l.at[i] ? l.at[i] : "");
		buf_char(out, '"');
	}
	if (le)
		buf_printf(out, "%sle=\"%s\"", before, le);
	if (le || info->labels[0])
		buf_char(out, '}');
}

static void put_histogram(struct buf *out, const struct metric_info *info, const struct sample *s)
{
	uint64_t sum = 0;
	char le[32];

	for (int i = 0; i < METRIC_BUCKETS; i++) {
		snprintf(le, sizeof(le), "%g", (double)metric_bounds_us[i] / 1e6);
		put_name(out, info, "_bucket", s->labels, le);
		buf_printf(out, " %llu\n", (unsigned long long)(sum += s->buckets[i]));
	}
	put_name(out, info, "_bucket", s->labels, "+Inf");
	buf_printf(out, " %llu\n", (unsigned long long)s->count);
	put_name(out, info, "_sum", s->labels, NULL);
	buf_printf(out, " %.6f\n", s->value);
	put_name(out, info, "_count", s->labels, NULL);
	buf_printf(out, " %llu\n", (unsigned long long)s->count);
}

void metrics_text(const struct metrics *all, struct buf *out)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };

	for (int m = 0; m < METRICS; m++) {
		const struct metric_info *info = &metric_table[m];

		if (!all->first[m])
			continue;
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", info->name, info->help, info->name,
			   types[info->type]);
		for (const struct sample *s = all->first[m]; s; s = s->next) {
			if (info->type == METRIC_HISTOGRAM) {
				put_histogram(out, info, s);
				continue;
			}
			put_name(out, info, "", s->labels, NULL);
			buf_printf(out, " %.15g\n", s->value);
		}
	}
}
