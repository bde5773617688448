/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes files of each kind, each time with one signal at some moment of the call, whose handler has SA_RESTART: make TIMES. Prints for each kind how many
 * calls failed with EEXIST, or as bind(2) of a socket that has an address already, though there was nothing before.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PROBES 20

static void on_alarm(int unused)
{
	(void)unused;
}

static int make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);

	return fd < 0 ? -1 : close(fd);
}

static int make_directory(const char *path)
{
	return mkdir(path, 0700);
}

static int make_fifo(const char *path)
{
	return mkfifo(path, 0600);
}

static int make_link(const char *path)
{
	return symlink("nowhere", path);
}

static int make_device(const char *path)
{
	return mknod(path, S_IFCHR | 0600, 0x103);
}

static int make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

	strcpy(address.sun_path, path);
	r = bind(fd, (struct sockaddr *)&address, sizeof(address));
	if (r < 0 && (errno == EINVAL || errno == EADDRINUSE))
		errno = EEXIST;
	close(fd);
	return r;
}

static long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int (*make)(const char *path); } kinds[] = {
		{ "file", make_file }, { "directory", make_directory }, { "fifo", make_fifo }, { "link", make_link }, { "device", make_device },
		{ "socket", make_socket },
	};
	struct sigaction interrupt = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	long times = argc > 1 ? atol(argv[1]) : 1;

	sigaction(SIGALRM, &interrupt, NULL);
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		long there = 0, failed = 0, took = 0;

		for (long i = 0; i < times; i++) {
			/* the first ones tell how long a call takes */
			struct itimerval soon = { .it_value.tv_usec = i < PROBES ? 0 : 1 + took * (i % 101) / 80 }, never = { { 0, 0 }, { 0, 0 } };
			long began = now();
			int r, error;

			setitimer(ITIMER_REAL, &soon, NULL);
			r = kinds[kind].make("made");
			error = errno;
			took = i < PROBES ? now() - began : took;
			setitimer(ITIMER_REAL, &never, NULL);
			there += r < 0 && error == EEXIST;
			failed += r < 0 && error != EEXIST;
			if (remove("made") < 0)
				failed++;
		}
		printf("%s: %ld there, %ld failed\n", kinds[kind].name, there, failed);
	}
	return 0;
}
