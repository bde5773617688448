/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create DIR COUNT SECONDS WHAT: a task of user 1000 makes COUNT objects in DIR, one after another, of every type, at most SECONDS long and
 * until there is a file /stop.
 * watch: two of root look at the name of the next one all the time: whose is it when it is seen first? chown: they give it away as soon as
 * they see it, and it must stay so. count: nobody looks. again: they are there, made by root, and
 * are tried until the time is over; they must neither be made again nor given to the user. At the end, all of them are looked at. Prints
 * "made N, seen first N, wrong at first N, wrong at the end N, failed N".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KINDS 6
#define WATCHERS 2
#define MAX 100000

static struct {
	unsigned int next;  /* the object that is made now or soon */
	unsigned int end;   /* they are fewer */
	unsigned int failed, seen, wrong, given;
	unsigned char gave[MAX];
} *shared;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static const char *name_of(unsigned int n)
{
	static char name[16];

	snprintf(name, sizeof(name), "o%u", n);
	return name;
}

static int make(unsigned int n)
{
	const char *name = name_of(n);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, r;

	switch (n % KINDS) {
	case 0:
		fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0644);
		return fd < 0 ? -1 : close(fd);
	case 1:
		return mkdir(name, 0755);
	case 2:
		return symlink("nowhere", name);
	case 3:
		return mkfifo(name, 0644);
	case 4:
		fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);
		return fd < 0 ? -1 : close(fd);
	default:
		strcpy(address.sun_path, name);
		fd = socket(AF_UNIX, SOCK_DGRAM, 0);
		r = bind(fd, (struct sockaddr *)&address, sizeof(address));
		close(fd);
		return r;
	}
}

static void create(unsigned int count, time_t until)
{
	unsigned int n;

	if (setgid(1000) < 0 || setuid(1000) < 0)
		die("setuid");
	for (n = 0; n < count && time(NULL) < until && access("/stop", F_OK) < 0; n++) {
		__atomic_store_n(&shared->next, n, __ATOMIC_RELEASE);
		if (make(n) < 0) {
			fprintf(stderr, "%s: %s\n", name_of(n), strerror(errno));
			shared->failed++;
		}
	}
	__atomic_store_n(&shared->end, n, __ATOMIC_RELEASE);
}

/* What is there is opened by open(2) with O_CREAT, and by nothing else. */
static bool is_refused(unsigned int n)
{
	return make(n) < 0 ? errno == (n % KINDS == KINDS - 1 ? EADDRINUSE : EEXIST) : n % KINDS == 4;
}

static void create_again(unsigned int count, time_t until)
{
	if (setgid(1000) < 0 || setuid(1000) < 0)
		die("setuid");
	for (unsigned int n = 0; time(NULL) < until && access("/stop", F_OK) < 0; n = (n + 1) % count) {
		if (!is_refused(n)) {
			fprintf(stderr, "%s: %s\n", name_of(n), strerror(errno));
			shared->failed++;
		}
		shared->seen++;
	}
	shared->end = count;
}

static void watch(bool give)
{
	unsigned int last = MAX;

	while (__atomic_load_n(&shared->end, __ATOMIC_ACQUIRE) == MAX) {
		unsigned int n = __atomic_load_n(&shared->next, __ATOMIC_ACQUIRE);
		struct stat st;

		if (n == last || lstat(name_of(n), &st) < 0)
			continue;
		last = n;
		__atomic_add_fetch(&shared->seen, 1, __ATOMIC_RELAXED);
		/* or given away by the other one */
		if (!(st.st_uid == 1000 && st.st_gid == 1000) && !(give && st.st_uid == 7 && st.st_gid == 8)) {
			fprintf(stderr, "%s: %u:%u at first\n", name_of(n), st.st_uid, st.st_gid);
			__atomic_add_fetch(&shared->wrong, 1, __ATOMIC_RELAXED);
		}
		if (give && lchown(name_of(n), 7, 8) == 0)
			shared->gave[n] = 1;
	}
}

static unsigned int look_at_all(bool again)
{
	unsigned int wrong = 0;
	struct stat st;

	for (unsigned int n = 0; n < shared->end; n++) {
		uid_t uid = again ? 0 : shared->gave[n] ? 7 : 1000;
		gid_t gid = again ? 0 : shared->gave[n] ? 8 : 1000;

		if (lstat(name_of(n), &st) < 0 || st.st_uid != uid || st.st_gid != gid) {
			fprintf(stderr, "%s: %u:%u at the end\n", name_of(n), st.st_uid, st.st_gid);
			wrong++;
		}
	}
	return wrong;
}

int main(int argc, char **argv)
{
	bool give = argc > 4 && strcmp(argv[4], "chown") == 0, again = argc > 4 && strcmp(argv[4], "again") == 0;
	bool count = again || (argc > 4 && strcmp(argv[4], "count") == 0);
	pid_t maker, watchers[WATCHERS];
	int status;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (argc != 5 || shared == MAP_FAILED || chdir(argv[1]) < 0 || chmod(".", 0777) < 0 || atoi(argv[2]) > MAX)
		die("usage");
	shared->end = MAX;
	for (int i = 0; i < WATCHERS && !count; i++) {
		watchers[i] = fork();
		if (watchers[i] == 0) {
			watch(give);
			_exit(0);
		}
	}
	for (int n = 0; again && n < atoi(argv[2]); n++)
		if (make((unsigned int)n) < 0)
			die("make");
	maker = fork();
	if (maker == 0) {
		(again ? create_again : create)((unsigned int)atoi(argv[2]), time(NULL) + atoi(argv[3]));
		_exit(0);
	}
	if (waitpid(maker, &status, 0) != maker || status != 0)
		die("maker");
	for (int i = 0; i < WATCHERS && !count; i++)
		waitpid(watchers[i], &status, 0);
	printf("made %u, seen first %u, wrong at first %u, wrong at the end %u, failed %u\n", shared->end, shared->seen, shared->wrong, look_at_all(again),
	       shared->failed);
	return 0;
}
