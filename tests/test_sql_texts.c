/*
 * test_sql_texts.c - how the database makes a text: counted as segment.c counts, in plainer
 * letters, filled in, with a name that costs no segment.
 */
#include "testing.h"

#include "buf.h"
#include "pg.h"
#include "segment.h"

#define LINK "https://q.example.com/g/Ab3dE9xKq2Lm"
#define LINK_AND_STOP LINK " Reply STOP to opt out."
static struct arena *arena;

static int setup(void **state)
{
	arena = arena_new();
	return pg_setup(state);
}

static int teardown(void **state)
{
	arena_free(arena);
	return pg_teardown(state);
}

#define ASK(sql, ...) PG_ROW(arena, sql, __VA_ARGS__)

/* ---- segments ---- */

static void check_count(const char *name, struct str text)
{
	struct segments s = segment_count(text);

	check_str(name, ASK("SELECT * FROM segments_of($1)", arena_cstr(arena, text)),
		  arena_printf(arena, "%s|%u", encoding_name(s.encoding), s.segments));
}

static void counted_as_vectors_are(void **state)
{
	const struct json *rows = read_rows(arena, "fixtures/vectors/segments.json");

	(void)state;
	check_count("nothing", STR(""));
	for (const struct json *row = rows->first; row; row = row->next)
		check_count(arena_cstr(arena, json_str(row, "name")), json_str(row, "text"));
}

static unsigned below(unsigned n)
{
	static uint64_t seed = 20260712;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* Of each alphabet, of all lengths about which a text is cut, and with pairs at any place. */
static void counted_as_in_c(void **state)
{
	/* clang-format off */
	static const char *const basic[] = { "a", "Z", "0", " ", "@", "_", "\n", "\r", "'", "\"",
		"£", "é", "ñ", "ü", "à", "Ç", "Δ", "Ω", "¿", "¡", "ß" };
	static const char *const extension[] = { "\f", "^", "{", "}", "\\", "[", "~", "]", "|",
		"€" };
	static const char *const beyond[] = { "`", "\t", "á", "ç", "’", "я", "王", "\xc2\xa0",
		"\xef\xbf\xbf", "🎉", "𝄞", "\xf0\x90\x80\x80" };
	/* clang-format on */

	(void)state;
	for (unsigned i = 0; i < 600; i++) {
		unsigned length = i % 2 ? below(500) : 60 + below(20) + 80 * below(5);
		unsigned extensions = below(4) * 10, rare = i % 3 ? 0 : 1 + below(40);
		struct buf b = buf_new(arena, 5000);

		for (unsigned k = 0; k < length; k++)
			buf_put(&b, str_of(below(100) < rare ? beyond[below(COUNT(beyond))] :
					   below(100) < extensions ?
							       extension[below(COUNT(extension))] :
							       basic[below(COUNT(basic))]));
		check_count(arena_cstr(arena, buf_str(&b)), buf_str(&b));
	}
}

/* ---- plainer letters ---- */

static void folded(void **state)
{
	static const struct {
		const char *text, *plain;
	} rows[] = {
		{ "“Hi” ‘you’ – it’s… 5′ 6″", "\"Hi\" 'you' - it's... 5' 6\"" },
		{ "a\xc2\xa0m\xe2\x80\xaf:\xe2\x80\x8b)", "a m :)" },
		{ "«Garçon»: bœuf, ŒUF", "\"Garcon\": boeuf, OEUF" },
		{ "está lista aquí, más útil, acción", "esta lista aqui, mas util, accion" },
		{ "prête, île, hôte, sûr, août, naïf", "prete, ile, hote, sur, aout, naif" },
		{ "Łódź Škoda Ğ İstanbul", "Lodz Skoda G Istanbul" },
		{ "e\xcc\x81 and a\xcc\x81", "é and a" }, /* as some keyboards write them */
		{ "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}\\[]~|€",
		  "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}\\[]~|€" },
		{ "王 я 🎉", "王 я 🎉" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].text, ASK("SELECT folded_text($1)", rows[i].text),
			  str_of(rows[i].plain));
}

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void folded_where_it_saves(void **state)
{
	static const struct {
		const char *name, *text, *fold, *made;
	} rows[] = {
		{ "two segments or one", "It’s " SEVENTY, "true", "It's " SEVENTY "|GSM-7|1" },
		{ "not wanted", "It’s " SEVENTY, "false", "It’s " SEVENTY "|UCS-2|2" },
		{ "one already", "It’s ready", "true", "It’s ready|UCS-2|1" },
		{ "it saves none", "It’s 🎉 " SEVENTY, "true", "It’s 🎉 " SEVENTY "|UCS-2|2" },
		{ "nothing to fold", SEVENTY SEVENTY SEVENTY, "true",
		  SEVENTY SEVENTY SEVENTY "|GSM-7|2" },
		{ "three or two", "á" SEVENTY SEVENTY TEN TEN, "true",
		  "a" SEVENTY SEVENTY TEN TEN "|GSM-7|2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].name,
			  ASK("SELECT body, encoding, segments FROM made_text($1, '{}', $2)",
			      rows[i].text, rows[i].fold),
			  str_of(rows[i].made));
}

/* ---- variables ---- */

static void filled_in(void **state)
{
	static const struct {
		const char *name, *template, *vars, *text;
	} rows[] = {
		{ "each, once or more", "{a}{b} {a}", "{\"a\":1,\"b\":\"x\"}", "1x 1" },
		{ "values are not looked at again", "{name} {a}",
		  "{\"name\":\"{a}\",\"a\":\"{name}\"}", "{a} {name}" },
		{ "signs of replace functions", "{a}", "{\"a\":\"\\\\1 & \\\\0 $1\"}",
		  "\\1 & \\0 $1" },
		{ "braces that are none", "{ a} {A} {} { }} {", "{\"a\":1}", "{ a} {A} {} { }} {" },
		{ "no name behind a comma", "Hi, {name}, sit. So, {name}!", "{}", "Hi, sit. So!" },
		{ "no name in front", "{name}, sit. V: {name}, sit", "{}", "sit. V: sit" },
		{ "a name of white space", "Hi, {name}!", "{\"name\":\" \\n \"}", "Hi!" },
		{ "white space in a name", "Hi, {name}!", "{\"name\":\" A\\n\\t B \"}",
		  "Hi, A B!" },
		{ "no wait", "Hi. Wait: {wait}. Bye", "{\"wait\":\"\"}", "Hi. Bye" },
		{ "null", "Hi. Wait: {wait} or so! Bye", "{\"wait\":null}", "Hi. Bye" },
		{ "no phone", "{venue}: Sorry. Call {phone}.", "{\"venue\":\"V\"}", "V: Sorry." },
		{ "the venue stays", "{venue}: Wait {wait}. Bye", "{\"venue\":\"V\"}", "V: Bye" },
		{ "what stands behind a link stays",
		  "Wait {wait}, see {link} Reply STOP to opt out.", "{\"link\":\"" LINK "\"}",
		  LINK_AND_STOP },
		{ "no link", "Hi. See: {link} Reply STOP to opt out.", "{}",
		  "Hi. Reply STOP to opt out." },
		{ "nothing", "", "{}", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].name,
			  ASK("SELECT body FROM made_text($1, $2::jsonb, false)", rows[i].template,
			      rows[i].vars),
			  str_of(rows[i].text));
}

/* ---- names ---- */

static void names_that_cost_nothing(void **state)
{
	static const struct {
		const char *name, *fold, *shown, *segments, *cut;
	} rows[] = {
		{ "Maria", "true", "Maria", "1", "f" },
		{ "José Ñuñez", "false", "José Ñuñez", "1", "f" },
		{ "Martín", "true", "Martin", "1", "f" },
		{ "Martín", "false", "Mart", "1", "t" },
		{ "Maria 🎉", "true", "Maria", "1", "t" },
		{ "O’Hara", "true", "O'Hara", "1", "f" },
		{ "Maximiliana Wolfeschlegelstein", "true", "Maximiliana Wolfe", "1", "t" },
		{ "王小明", "true", "王小明", "3", "f" },
		{ "👨‍👩‍👧 Smith", "true", "👨‍👩‍👧 Smith", "3", "f" },
		{ "A王", "true", "A", "1", "t" },
		{ "€€€€€€€€€€", "true", "€€€€€€€€", "1", "t" }, /* two septets each */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(
			rows[i].name,
			ASK("SELECT m.body, m.segments, m.name_cut FROM made_text($1, "
			    "jsonb_build_object('name', $2::text, 'link', '" LINK "'), $3) m",
			    "Bella Trattoria: You're on the list, {name}, party of 4. Wait: 25-35 "
			    "min. View or cancel: {link} Reply STOP to opt out.",
			    rows[i].name, rows[i].fold),
			arena_printf(arena,
				     "Bella Trattoria: You're on the list, %s, party of 4. Wait: "
				     "25-35 min. View or cancel: " LINK_AND_STOP "|%s|%s",
				     rows[i].shown, rows[i].segments, rows[i].cut));
}

/* Of each length and script, in texts with room for any part of them: as if each were tried. */
static void names_as_long_as_they_can_be(void **state)
{
	(void)state;
	check_str("names",
		  ASK("WITH names AS ("
		      " SELECT left(repeat(script, 40), length) AS name"
		      " FROM unnest($1::text[]) script, unnest('{1,2,7,16,40}'::int[]) length"
		      "), texts AS ("
		      " SELECT repeat('x', room) || ' {name} {link} Reply STOP to opt out.' AS t,"
		      "        fold, '{\"link\":\"" LINK "\"}'::jsonb AS vars"
		      " FROM unnest('{5,83,92,240}'::int[]) room, unnest('{t,f}'::boolean[]) fold"
		      ")"
		      "SELECT count(*),"
		      " count(*) FILTER (WHERE m.body = b.body AND m.segments = b.segments),"
		      " count(*) FILTER (WHERE m.body LIKE '%" LINK_AND_STOP "'),"
		      " min(m.segments), max(m.segments) > 3,"
		      " count(*) FILTER (WHERE m.name_cut) > 100 "
		      "FROM names, texts,"
		      "     made_text(t, vars || jsonb_build_object('name', name), fold) m,"
		      "LATERAL (SELECT k.body, k.segments"
		      "  FROM generate_series(1, length(name)) n,"
		      "       named_text(t, vars, left(name, n), fold) k"
		      "  WHERE k.segments <= (SELECT segments"
		      "                       FROM named_text(t, vars, left(name, 1), fold))"
		      "  ORDER BY n DESC LIMIT 1) b",
		      "{abc,é,Martín,王小明,🎉,A王b,€x,’,👨‍👩‍👧}"),
		  STR("360|360|360|1|t|t"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counted_as_vectors_are),
		cmocka_unit_test(counted_as_in_c),
		cmocka_unit_test(folded),
		cmocka_unit_test(folded_where_it_saves),
		cmocka_unit_test(filled_in),
		cmocka_unit_test(names_that_cost_nothing),
		cmocka_unit_test(names_as_long_as_they_can_be),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
