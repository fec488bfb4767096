/*
 * log.c - fuzzes lines of the log: whatever is said, it is one line, of text, and nothing in it
 * moves a terminal's cursor.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

#define LINE_BYTES 65536

static struct str said(bool json, const char *text, char *out)
{
	static int memory = -1, errors = -1;

	if (memory < 0) {
		memory = memfd_create("log", MFD_CLOEXEC);
		errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	}
	must(ftruncate(memory, 0) == 0 && lseek(memory, 0, SEEK_SET) == 0);
	log_setup(json, LOG_INFO_);
	dup2(memory, STDERR_FILENO);
	log_info("fuzzed", "message=%s", text);
	dup2(errors, STDERR_FILENO);
	ssize_t n = pread(memory, out, LINE_BYTES, 0);
	must(n > 0);
	return (struct str){ out, (size_t)n };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char out[LINE_BYTES];
	struct arena *a = arena_new();
	const char *text = arena_cstr(a, input(data, size));
	struct str line = said(true, text, out);

	must(str_starts(line, STR("{\"timestamp\":\"")) && str_ends(line, STR("}\n")));
	must(str_is_text(line));
	for (size_t i = 0; i + 1 < line.len; i++)
		must((unsigned char)line.p[i] >= ' ');
	arena_free(a);
	return 0;
}
