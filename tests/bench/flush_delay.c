/*
 * flush_delay.c - makes a disk as slow as the clouds' are: preloaded into PostgreSQL, each
 * fdatasync(2) takes so many microseconds more as the file FLUSH_DELAY_FILE says at that moment.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

int fdatasync(int fd)
{
	static int (*real)(int);
	static const char *delay;

	if (!real) {
		const char *path = getenv("FLUSH_DELAY_FILE");
		int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		void *page = file < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ, MAP_SHARED, file, 0);

		delay = page == MAP_FAILED ? "0" : page;
		real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
		if (file >= 0)
			close(file);
	}
	int result = real(fd);
	long us = strtol(delay, NULL, 10);

	if (us > 0) {
		struct timespec wait = { us / 1000000, us % 1000000 * 1000 };

		nanosleep(&wait, NULL);
	}
	return result;
}
