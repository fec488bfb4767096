/* test_http_lane.c - more requests to one host than may run at once. */
#include "calling.h"

/* The others begin in their order, or say in time that they could not. */
static void behind_others(void **state)
{
	enum { CALLS = 6 };
	struct calling h = calling_open(2);
	struct http_limits patient = ordinary_limits, late = ordinary_limits;
	struct fate f[CALLS] = { 0 };

	(void)state;
	h.server->deeds[0] = h.server->deeds[1] = HANG;
	h.server->deeds[2] = ANSWER;
	h.server->deed_num = 3;
	patient.total_ms = 1000;
	calling_post(&h, &patient, &f[0]);
	calling_post(&h, &patient, &f[1]);
	patient.total_ms = 5000;
	late.write_by_ms = clock_mono_ms() + 300;
	calling_post(&h, &late, &f[2]);
	calling_post(&h, &patient, &f[3]);
	calling_post(&h, &late, &f[4]);
	calling_post(&h, &patient, &f[5]);
	calling_wait(&h, CALLS, 8000);
	check("the first two run", f[0].transport == HTTP_MAYBE_SENT && f[0].took_ms >= 900);
	for (size_t i = 2; i <= 4; i += 2) {
		check("held back", f[i].transport == HTTP_NOT_SENT && f[i].held_back);
		check("it never began", f[i].took_ms == 0);
		check("and was told of it before the others had ended", f[i].turn < f[0].turn);
	}
	check("the patient ones", f[3].transport == HTTP_ANSWERED && !f[3].held_back);
	check("in their order", f[3].turn < f[5].turn && f[5].transport == HTTP_ANSWERED);
	check("their own time alone is counted", f[3].took_ms < 900);
	check("nothing of the late ones was sent", h.server->requests == 4);
	calling_close(&h);
}

/* Those that still wait when the client goes were not sent; those that run may have been. */
static void freed_while_waiting(void **state)
{
	struct calling h = calling_open(1);
	struct fate f[3] = { 0 };

	(void)state;
	h.server->deeds[0] = HANG;
	h.server->deed_num = 1;
	for (size_t i = 0; i < COUNT(f); i++)
		calling_post(&h, &ordinary_limits, &f[i]);
	calling_linger(&h, 100);
	calling_close(&h);
	check("begun", f[0].transport == HTTP_MAYBE_SENT);
	for (size_t i = 1; i < COUNT(f); i++)
		check("waited",
		      f[i].times == 1 && f[i].transport == HTTP_NOT_SENT && f[i].held_back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_others),
		cmocka_unit_test(freed_while_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
