/* landlock.c - its three system calls. Debian's headers know the first versions only. */
#include "landlock.h"

#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TRUNCATE_SINCE = 3, DEVICES_SINCE = 5, SIGNALS_SINCE = 6 };

#define ALL_OF_VERSION_1 ((1ULL << 13) - 1)
#define REFER (1ULL << 13)
#define TRUNCATE (1ULL << 14)
#define IOCTL_DEVICE (1ULL << 15)
#define SCOPE_ABSTRACT_SOCKETS 1ULL
#define SCOPE_SIGNALS 2ULL

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                                                      \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | TRUNCATE)
#define OF_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)

/* As of version 6; the kernel is told the size that it knows. */
struct attributes {
	uint64_t files, ports, scopes;
};

int landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

uint64_t landlock_rights(int version)
{
	uint64_t rights = ALL_OF_VERSION_1;

	if (version >= 2)
		rights |= REFER;
	if (version >= TRUNCATE_SINCE)
		rights |= TRUNCATE;
	if (version >= DEVICES_SINCE)
		rights |= IOCTL_DEVICE;
	return rights;
}

int landlock_begin(int version, uint64_t rights)
{
	struct attributes all = { .files = rights };
	size_t known = sizeof(all.files);

	if (version >= SIGNALS_SINCE) { /* of others; our database's socket is a file */
		all.scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
		known = sizeof(all);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &all, known, 0);
}

void landlock_allow(int rules, uint64_t rights, int fd, bool write)
{
	struct landlock_path_beneath_attr path = {
		.allowed_access = (write ? READ | WRITE : READ) & rights,
		.parent_fd = fd,
	};
	struct stat s;

	if (fstat(fd, &s))
		return;
	if (!S_ISDIR(s.st_mode)) /* the kernel takes no others of a file */
		path.allowed_access &= OF_FILES;
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &path, 0);
}

bool landlock_end(int rules)
{
	return syscall(SYS_landlock_restrict_self, rules, 0) != 0;
}
