/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load make DIR: objects of several types. load run DIR JOURNAL SEED: changes their owners until that fails, and writes to JOURNAL
 * what they were, before each change what it will be, and after each that it was made. load check DIR JOURNAL: each object has the
 * owner that it was given last; prints "lost N, unfinished N of which made N" and fails if one has any other.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 3
#define OBJECTS 60 /* each process has its share */

struct line {
	char kind; /* was, begins, done */
	uint8_t object;
	uint32_t uid, gid;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static const char *name_of(int object)
{
	static char name[16];

	snprintf(name, sizeof(name), "o%d", object);
	return name;
}

static void make(void)
{
	for (int i = 0; i < OBJECTS; i++) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		int fd = i % 4 == 3 ? socket(AF_UNIX, SOCK_STREAM, 0) : -1;

		strcpy(address.sun_path, name_of(i));
		if ((i % 4 == 0 && symlink("nowhere", name_of(i)) < 0) || (i % 4 == 1 && mkfifo(name_of(i), 0644) < 0) ||
		    (i % 4 == 2 && close(creat(name_of(i), 0644)) < 0) ||
		    (i % 4 == 3 && bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0))
			die(name_of(i));
		if (fd >= 0)
			close(fd);
	}
}

static void put(int journal, char kind, int object, uint32_t uid, uint32_t gid)
{
	struct line line = { kind, (uint8_t)object, uid, gid };

	if (write(journal, &line, sizeof(line)) != sizeof(line))
		die("journal");
}

static void change_until_it_fails(int journal, int which, unsigned int seed)
{
	for (;;) {
		int object = rand_r(&seed) % (OBJECTS / PROCESSES) * PROCESSES + which;
		uint32_t uid = (uint32_t)rand_r(&seed) % 70000, gid = (uint32_t)rand_r(&seed) % 70000;

		put(journal, 'b', object, uid, gid);
		if (lchown(name_of(object), uid, gid) < 0)
			_exit(errno == ENOSYS ? 0 : 3);
		put(journal, 'd', object, uid, gid);
	}
}

static int run(int journal, unsigned int seed)
{
	int status, worst = 0;

	for (int i = 0; i < OBJECTS; i++) {
		struct stat st;

		if (lstat(name_of(i), &st) < 0)
			die(name_of(i));
		put(journal, 'w', i, st.st_uid, st.st_gid);
	}
	if (write(1, "ready\n", 6) != 6)
		die("output");
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			change_until_it_fails(journal, i, seed * PROCESSES + (unsigned int)i);
	while (wait(&status) > 0)
		if (status != 0)
			worst = status;
	return worst != 0;
}

static int check(int journal)
{
	struct { uint32_t uid, gid; } sure[OBJECTS] = { 0 }, maybe[OBJECTS] = { 0 };
	bool begun[OBJECTS] = { false };
	unsigned int lost = 0, unfinished = 0, made = 0;
	struct line line;

	while (read(journal, &line, sizeof(line)) == sizeof(line)) {
		begun[line.object] = line.kind == 'b';
		if (line.kind == 'b') {
			maybe[line.object].uid = line.uid;
			maybe[line.object].gid = line.gid;
		} else {
			sure[line.object].uid = line.uid;
			sure[line.object].gid = line.gid;
		}
	}
	for (int i = 0; i < OBJECTS; i++) {
		struct stat st;
		bool is_made;

		if (lstat(name_of(i), &st) < 0)
			die(name_of(i));
		is_made = begun[i] && st.st_uid == maybe[i].uid && st.st_gid == maybe[i].gid;
		unfinished += begun[i];
		made += is_made;
		if (!is_made && (st.st_uid != sure[i].uid || st.st_gid != sure[i].gid)) {
			fprintf(stderr, "%s: is %u:%u, was given %u:%u%s\n", name_of(i), st.st_uid, st.st_gid, sure[i].uid, sure[i].gid, begun[i] ? ", begun" : "");
			lost++;
		}
	}
	printf("lost %u, unfinished %u of which made %u\n", lost, unfinished, made);
	return lost != 0;
}

int main(int argc, char **argv)
{
	int journal;

	if (argc < 3 || chdir(argv[2]) < 0)
		die("usage");
	if (strcmp(argv[1], "make") == 0) {
		make();
		return 0;
	}
	journal = argc < 4 ? -1 : open(argv[3], strcmp(argv[1], "run") == 0 ? O_WRONLY | O_APPEND : O_RDONLY);
	if (journal < 0)
		die("journal");
	return strcmp(argv[1], "run") == 0 ? run(journal, (unsigned int)atoi(argc < 5 ? "1" : argv[4])) : check(journal);
}
