/* confine.c - the list of files that are read and written, and the way into the sandbox. */
#include "confine.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "log.h"
#include "sandbox.h"
#include "sandbox_build.h"
#include "url_files.h"

/* What libraries read: names of hosts, certificates, users, plug-ins of the resolver. */
static const char *const system_files[] = {
	"/etc",
	"/usr",
	"/lib",
	"/lib64",
	"/proc/self", /* our own memory and descriptors, for /metrics */
	"/proc/self/exe",
	"/dev/null",
	"/dev/random",
	"/dev/urandom",
	"/sys/devices/system/cpu",
};

static void read_too(void *ctx, const char *path)
{
	void **both = ctx; /* the sandbox, and an arena */

	sandbox_read(both[0], arena_cstr(both[1], str_of(path)));
}

/* "file:///folder", where mail goes in development. */
static void write_mail(struct sandbox *s, struct arena *a, struct str url)
{
	struct str scheme = STR("file://");

	if (!str_starts(url, scheme))
		return;
	const char *folder = arena_cstr(a, str_from(url, scheme.len));
	mkdir(folder, 0700); /* later nobody may */
	sandbox_write(s, folder);
}

static void choose_files(struct sandbox *s, struct arena *a, const struct config *c)
{
	/* files that are configured, and read again later */
	const struct str files[] = { c->ssl_cert_file, c->tls_cert_file, c->tls_key_file,
				     STR("/etc/resolv.conf") };
	void *both[] = { s, a };

	for (size_t i = 0; i < sizeof(system_files) / sizeof(*system_files); i++)
		sandbox_read(s, system_files[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		sandbox_read_beside(s, a, files[i]);
	if (c->database_url.len)
		db_url_files(c->database_url.p, read_too, both);
	if (c->database_direct_url.len)
		db_url_files(c->database_direct_url.p, read_too, both);
	if (c->crash_dir.len)
		sandbox_write(s, c->crash_dir.p);
	write_mail(s, a, c->mail_url);
}

void confine(const struct config *c)
{
	struct arena *a = arena_new();
	struct sandbox s = { .traced = SANDBOX_FINDS_LEAKS };
	struct sandbox_state is;

	config_wipe_environment();
	if (str_is(c->sandbox, "off")) {
		log_warn("sandbox", "calls=no files=no why=SANDBOX is off");
		arena_free(a);
		return;
	}
	choose_files(&s, a, c);
	is = sandbox_enter(&s);
	arena_free(a);
	if (is.why)
		log_warn("sandbox", "calls=%s files=%s why=%s", is.calls ? "yes" : "no",
			 is.files ? "yes" : "no", is.why);
	else
		log_info("sandbox", "calls=yes files=yes landlock=%d", is.files);
}
