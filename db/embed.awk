# embed.awk - SQL files as a C table, so that the binary carries its statements, migrations
# and functions.
#
#   awk -f db/embed.awk -v kind=statement -v part=h db/sql/*.sql         statements.h
#   awk -f db/embed.awk -v kind=migration -v part=c db/migrations/*.sql  migrations.c
#   awk -f db/embed.awk -v kind=function -v part=c db/functions/*.sql    functions.c
#
# Files come sorted by name; a file's name without .sql is the name in the table. It must run under
# mawk, which is the awk of a bare Debian.

# "db/sql/message_insert.sql" -> "message_insert"
function base(path)
{
	sub(/.*\//, "", path)
	sub(/\.sql$/, "", path)
	return path
}

# The file as C string literals, one per line of SQL. "\\\\&" is a backslash and what matched.
function print_text(path,    line)
{
	while ((getline line < path) > 0) {
		gsub(/[\\"]/, "\\\\&", line)
		gsub(/\t/, "\\t", line)
		printf "\n\t  \"%s\\n\"", line
	}
	close(path)
}

function header(    i)
{
	guard = toupper(kind) "S_H"
	printf "#ifndef %s\n#define %s\n\n#include <stddef.h>\n\n", guard, guard
	if (kind == "statement") {
		print "enum statement {"
		for (i = 1; i < ARGC; i++)
			printf "\tSQL_%s,\n", toupper(base(ARGV[i]))
		print "\tSQL_NUM\n};\n"
		print "struct statement_text {\n\tconst char *name, *text;\n};\n"
		print "extern const struct statement_text statements[SQL_NUM];"
	} else {
		printf "struct %s {\n\tconst char *name, *text;\n};\n\n", kind
		printf "extern const struct %s %ss[]; /* ends with a NULL name */\n", kind, kind
		printf "extern const size_t %s_num;\n", kind
	}
	print "\n#endif"
}

function source(    i)
{
	printf "#include \"%ss.h\"\n\n", kind
	if (kind == "statement")
		print "const struct statement_text statements[SQL_NUM] = {"
	else
		printf "const struct %s %ss[] = {\n", kind, kind
	for (i = 1; i < ARGC; i++) {
		printf "\t{ \"%s\",", base(ARGV[i])
		print_text(ARGV[i])
		print " },"
	}
	if (kind == "statement")
		print "};"
	else
		printf "\t{ NULL, NULL },\n};\n\nconst size_t %s_num = %d;\n", kind, ARGC - 1
}

BEGIN {
	for (i = 1; i < ARGC; i++) {
		if (base(ARGV[i]) !~ /^[a-z0-9_]+$/) {
			print ARGV[i] ": a name may hold a-z, 0-9 and _" > "/dev/stderr"
			exit 1
		}
	}
	printf "/* Made from db/ by db/embed.awk. Do not edit. */\n"
	if (part == "h")
		header()
	else
		source()
	exit
}
