/* test_session.c - when a database is asked for TLS that the URL does not mention. */
#include "testing.h"

#include <stdlib.h>

#include "session.h"

static void sslmode(void **state)
{
	static const struct {
		const char *url;
		bool require;
	} rows[] = {
		{ "postgres://u:p@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d", true },
		{ "postgresql://u:p@db.example.com/d?application_name=x", true },
		{ "host=db.example.com user=u", true },
		{ "hostaddr=10.0.0.7", true },
		{ "postgres://u@localhost,db.example.com/d", true },
		{ "postgres://u@db.example.com/d?sslmode=disable", false },
		{ "postgres://u@db.example.com/d?sslmode=verify-full", false },
		{ "postgres:///d", false },
		{ "postgres:///d?host=/run/postgresql", false },
		{ "postgres://u@localhost:5433/d", false },
		{ "postgres://u@127.0.0.1/d", false },
		{ "postgres://u@[::1]/d", false },
		{ "service=maitred", false },
		{ "postgres://u@[", false }, /* connecting says what is wrong */
	};

	(void)state;
	unsetenv("PGHOST");
	unsetenv("PGSSLMODE");
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].url, !session_sslmode(rows[i].url) == !rows[i].require);
	setenv("PGSSLMODE", "disable", 1);
	check("libpq's own setting", !session_sslmode(rows[0].url));
	unsetenv("PGSSLMODE");
	setenv("PGHOST", "db.example.com", 1);
	check("libpq's own host", session_sslmode("dbname=d") != NULL);
	unsetenv("PGHOST");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sslmode) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
