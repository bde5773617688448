/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: lines. Those of fixture-walker.h build a tree, s PATH names the directory at which relative paths start, and
 * wLETTERS PATH walks; @ in it is the number of the caller. Letters: f follow, p start in procfs, o the links are of another
 * task, x of nobody knows whom, s procfs does not show the caller, a c no capabilities can be taken on or back, h hidden caller.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/limits.h"
#include "cred/as_caller.h"
#include "fixture-walker.h"
#include "object/object.h"
#include "path/walk.h"
#include "proc/procfs.h"
#include "proc/task.h"

#define FDS 40 /* the lowest: a walk has a few open at once, so what it leaves open is there */

static struct {
	const char *letters;
	pid_t caller;
	unsigned int spelled; /* how often the path itself says self; "net" and "mounts" of a procfs do too, and are ours in what the kernel says */
	unsigned int links, selves, owned, assumed_all, assumed;
	bool disordered; /* a function was called when it must not be */
} now;

static bool has(char letter)
{
	return strchr(now.letters, letter);
}

bool object_is_procfs(int fd)
{
	struct statfs fs;

	/* once a link: one too many, which is the kernel's to count too, may be looked at */
	now.disordered |= ++now.links > LIMIT_SYMLINKS + 1;
	if (now.links > 1000) {
		walker_leave();
		abort();
	}
	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int task_self(const struct task *t, int procfs, bool thread, char text[static TASK_SELF_MAX])
{
	struct stat st;

	(void)t;
	now.selves++;
	now.disordered |= fstat(procfs, &st) < 0 || st.st_ino != PROCFS_ROOT_INO;
	if (has('s'))
		return -ENOENT;
	return thread ? snprintf(text, TASK_SELF_MAX, "%d/task/%d", now.caller, now.caller) :
			snprintf(text, TASK_SELF_MAX, "%d", now.caller);
}

int task_owns(const struct task *t, int dir)
{
	struct stat st;

	(void)t;
	now.owned++;
	now.disordered |= fstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || now.assumed_all != now.assumed;
	return has('x') ? -EACCES : !has('o');
}

int as_caller_drop_capabilities(const struct task *t)
{
	(void)t;
	now.disordered |= !has('o') || now.assumed_all != now.assumed || now.assumed_all >= now.owned;
	now.assumed_all += !has('a');
	if (!has('a'))
		walker_look_into_tasks(false);
	return has('a') ? -ENOENT : 0;
}

int as_caller_drop_file_capabilities(const struct task *t)
{
	(void)t;
	now.assumed++;
	walker_look_into_tasks(true);
	return has('c') ? -ENOENT : 0;
}

static uint64_t open_fds(void)
{
	uint64_t fds = 0;

	for (int fd = 0; fd < FDS; fd++)
		fds |= (uint64_t)(fcntl(fd, F_GETFD) >= 0) << fd;
	return fds;
}

/* r is what the walker found. */
static int reference(int start, const char *path, bool magic, int r)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | (has('f') ? 0 : O_NOFOLLOW) };
	unsigned int loops = 0;
	bool again;
	int fd;

	how.resolve = (start == walker_root ? RESOLVE_IN_ROOT : 0) | (magic ? 0 : RESOLVE_NO_MAGICLINKS);
	/*
	 * a rename or a mount somewhere makes ".." uncertain; and a lookup that the kernel does again, because it could not be done
	 * without locks, goes on counting links where the first stopped: ELOOP, now and then, with 21 to 40 of them
	 */
	do {
		fd = (int)syscall(SYS_openat2, start, path, &how, sizeof(how));
		again = fd < 0 && errno == ELOOP && r != -ELOOP && now.links > LIMIT_SYMLINKS / 2 && ++loops < 200 && usleep(loops) == 0;
	} while (fd < 0 && (again || errno == EAGAIN));
	return fd < 0 ? -errno : fd;
}

/* The path with the caller's number for @ and, in the second, for "self", except where that link itself is wanted. */
static bool spell(const char *line, char path[static PATH_MAX], char plain[static PATH_MAX])
{
	size_t n = 0, m = 0;

	for (const char *p = line; *p; ) {
		bool first = p == line || p[-1] == '/';
		size_t length = strcspn(p, "/");
		bool thread = first && length == 11 && memcmp(p, "thread-self", 11) == 0;
		bool self = first && length == 4 && memcmp(p, "self", 4) == 0;

		if (n + 64 > PATH_MAX || m + 64 > PATH_MAX)
			return false;
		/* elsewhere than in the root of a procfs it is a name as any other */
		if (p != line && (self || thread) && strstr(line, ".."))
			return false;
		if (p == line && has('p') && (self || thread) && (p[length] == '/' || has('f'))) {
			now.spelled++;
			m += (size_t)sprintf(plain + m, thread ? "%d/task/%d" : "%d", now.caller, now.caller);
			n += (size_t)sprintf(path + n, "%.*s", (int)length, p);
			p += length;
		} else if (*p == '@') {
			n += (size_t)sprintf(path + n, "%d", now.caller);
			m += (size_t)sprintf(plain + m, "%d", now.caller);
			p++;
		} else {
			path[n++] = plain[m++] = *p++;
		}
	}
	path[n] = plain[m] = '\0';
	return true;
}

/* What the walk must give when it has found no object, or may not: expected is the kernel's answer, cold that without magic links. */
static void check_error(int r, int expected, int cold, const char *path, size_t longest)
{
	if (r == WALK_FOREIGN)
		CHECK(has('x') && now.owned == 1 && cold == -ELOOP);
	else if (has('s') && now.selves)
		CHECK(r == -ENOENT);
	else if ((has('a') && has('o') && now.owned) || (has('c') && now.assumed))
		CHECK(r == -ENOENT);
	else if (r == -ENAMETOOLONG && (now.links + 1) * longest + strlen(path) >= PATH_MAX)
		CHECK(expected != -ENOENT || longest > 0); /* links that together are longer than the walker's memory */
	else if (now.selves && r == -ELOOP)
		CHECK(now.links >= LIMIT_SYMLINKS);
	else if (now.selves && expected == -EACCES)
		/* below the directory of the caller, where it might look itself, but not in an object that it led to */
		CHECK(r == -ENOENT || (r == -EACCES && (strncmp(path, "self/fd/", 8) != 0 || now.owned)));
	else
		CHECK(r == expected);
}

static void check_object(int r, int expected)
{
	struct stat got, want;

	CHECK(expected >= 0 && fstat(r, &got) == 0 && fstat(expected, &want) == 0);
	CHECK(got.st_dev == want.st_dev && got.st_ino == want.st_ino && got.st_mode == want.st_mode);
	CHECK((fcntl(r, F_GETFL) & O_PATH) && fcntl(r, F_GETFD) == FD_CLOEXEC);
}

static bool agree(int r, int expected)
{
	struct stat got, want;

	return r < 0 || expected < 0 ? r == expected :
		fstat(r, &got) == 0 && fstat(expected, &want) == 0 && got.st_dev == want.st_dev && got.st_ino == want.st_ino;
}

static void walk(const char *letters, const char *line, int start, size_t longest)
{
	static char path[PATH_MAX], plain[PATH_MAX];
	struct task t = { .tid = 1 };
	uint64_t before;
	int r, expected, cold;

	for (int tries = 3; tries > 0; tries--) { /* tasks come and go in procfs */
		memset(&now, 0, sizeof(now));
		now.letters = letters;
		now.caller = has('h') ? walker_hidden : walker_caller;
		if (!spell(line, path, plain) || (has('p') && walker_procfs < 0))
			return;
		before = open_fds();
		walker_enter();
		r = walk_open(&t, has('p') ? walker_procfs : start, path, has('f'));
		walker_look_into_tasks(!has('o') || has('x'));
		expected = reference(has('p') ? walker_procfs : start, plain, true, r);
		cold = reference(has('p') ? walker_procfs : start, plain, false, r);
		walker_look_into_tasks(true);
		walker_leave();
		CHECK(!now.disordered && (now.assumed == now.assumed_all || now.assumed_all == 0));
		CHECK(now.assumed == now.assumed_all && (!has('o') || has('a') || has('x') || now.owned == now.assumed_all));
		CHECK((r == WALK_FOREIGN) == (has('x') && now.owned > 0));
		if ((now.selves == 0 || !(now.selves > now.spelled || strstr(path, "net") || strstr(path, "mounts"))) && (tries == 1 || !has('p') || agree(r, expected))) {
			/* what is magic is gone through by leave only */
			CHECK(r < 0 || now.owned || agree(r, cold));
			if (r < 0)
				check_error(r, expected, cold, path, longest);
			else
				check_object(r, expected);
			tries = 1;
		}
		for (int i = 0, fds[] = { r, expected, cold }; i < 3; i++)
			if (fds[i] >= 0)
				close(fds[i]);
		CHECK(open_fds() == before);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[16384];
	char *lines[WALKER_LINES], *next = text;
	size_t n = 0, longest = 0;
	int start;
	bool razed;

	if (walker_root < 0)
		walker_open();
	size = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	now.letters = "f";
	walker_enter();
	while (n < WALKER_LINES && (lines[n] = strsep(&next, "\n"))) {
		walker_build(lines[n]);
		longest += lines[n][0] == 'l' ? strlen(lines[n]) : 0;
		n++;
	}
	walker_leave();
	start = walker_root;
	for (size_t i = 0; i < n; i++) {
		char *path = strchr(lines[i], ' ');

		if (!path)
			continue;
		*path++ = '\0';
		if (strcmp(lines[i], "s") == 0 && start >= 0 && start != walker_root)
			close(start);
		now.letters = "";
		if (strcmp(lines[i], "s") == 0)
			start = reference(walker_root, path, false, 0);
		else if (lines[i][0] == 'w' && start >= 0)
			walk(lines[i] + 1, path, start, longest);
	}
	if (start >= 0 && start != walker_root)
		close(start);
	walker_enter();
	razed = walker_raze();
	walker_leave();
	CHECK(razed);
	return 0;
}
