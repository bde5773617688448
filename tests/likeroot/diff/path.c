/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to an object: each path with each call. In paths, {A} is the tree, {P} a mount of proc, {p} and {t} the caller's ids. */
#include "diff.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CWD ((unsigned long)AT_FDCWD)
#define S 1 /* no owner calls: they would change the host's own object */
#define F 2 /* no owner calls that do not follow, for the same reason */

static const struct path {
	const char *id, *text;
	unsigned long dirfd;
	unsigned int only;
} paths[] = {
	{ "abs", "{A}/reg", CWD, 0 }, { "rel", "reg", CWD, 0 }, { "at", "in", FD_DIR, 0 }, { "at-o-path", "in", FD_OPDIR, 0 },
	{ "abs-bad-fd", "{A}/reg", -1UL, 0 }, { "rel-bad-fd", "reg", -1UL, 0 }, { "rel-9999", "reg", 9999, 0 },
	{ "rel-of-file", "x", FD_REG, 0 }, { "rel-of-link", "x", FD_OPLN, 0 }, { "empty", "", CWD, 0 }, { "empty-fd", "", FD_REG, 0 },
	{ "abs-of-file", "{A}/dir", FD_REG, 0 }, { "at-up", "../reg", FD_DIR, 0 }, { "at-ln", "ln", FD_TREE, 0 },
	{ "dotdot", "dir/../reg", CWD, 0 }, { "above", "../../../../../../../../../../../..{A}/reg", CWD, 0 },
	{ "above-abs", "/../../..{A}/reg", CWD, 0 }, { "above-at", "../../../../../../../../../..{A}/dir/in", FD_DIR, 0 },
	{ "slash-reg", "reg/", CWD, 0 }, { "slash-dir", "dir/", CWD, 0 }, { "slash-ln", "ln/", CWD, 0 }, { "slash-ldir", "ldir/", CWD, 0 },
	{ "slash-dang", "dang/", CWD, 0 }, { "slash-loop", "loop/", CWD, 0 }, { "slash-none", "none/", CWD, 0 },
	{ "slashes", "{A}//dir///in", CWD, 0 }, { "slashes-start", "///{A}/dir/in", CWD, 0 }, { "slashes-end", "dir///", CWD, 0 },
	{ "dots", "./dir/././in", CWD, 0 }, { "dot", ".", CWD, 0 }, { "dir-dot", "dir/.", CWD, 0 }, { "dir-up", "dir/..", CWD, 0 },
	{ "reg-dot", "reg/.", CWD, 0 }, { "reg-up", "reg/..", CWD, 0 }, { "dang-up", "dang/..", CWD, 0 }, { "ldir-up", "ldir/..", CWD, 0 },
	{ "root", "/", CWD, 0 }, { "root-up", "/..", CWD, 0 }, { "root-dot", "/.", CWD, 0 },
	{ "ln", "ln", CWD, 0 }, { "ldir", "ldir", CWD, 0 }, { "ldir-in", "ldir/in", CWD, 0 }, { "ldir-dot", "ldir/.", CWD, 0 },
	{ "dang", "dang", CWD, 0 }, { "loop", "loop", CWD, 0 }, { "loop-in", "loop/x", CWD, 0 }, { "reg-in", "reg/x", CWD, 0 },
	{ "ln-in", "ln/x", CWD, 0 }, { "fifo-in", "fifo/x", CWD, 0 }, { "none", "none", CWD, 0 }, { "none-in", "none/x", CWD, 0 },
	{ "in-none", "dir/none", CWD, 0 }, { "hard", "two", CWD, 0 }, { "fifo", "fifo", CWD, 0 }, { "sock", "sock", CWD, 0 },
	{ "l1", "l1", CWD, 0 }, { "l39", "l39", CWD, 0 }, { "l40", "l40", CWD, 0 }, { "l41", "l41", CWD, 0 },
	{ "l40-abs", "{A}/l40", CWD, 0 }, { "ldir-l40", "ldir/../l40", CWD, 0 }, { "ldir-l39", "ldir/../l39", CWD, 0 },
	{ "labs", "labs", CWD, 0 }, { "lup", "lup", CWD, 0 }, { "lroot", "lroot", CWD, 0 }, { "lroot-in", "lroot{A}/reg", CWD, 0 },
	{ "lslash", "lslash", CWD, 0 }, { "lregslash", "lregslash", CWD, 0 }, { "llong", "llong", CWD, 0 },
	{ "labs-at", "labs", FD_TREE, 0 }, { "labs-slash", "labs/", CWD, 0 }, { "lroot-up", "lroot/..", CWD, 0 },
	{ "lfd", "lfd", CWD, 0 }, { "ltfd", "ltfd", CWD, 0 }, { "lcwd", "lcwd", CWD, 0 }, { "lfddir-in", "lfddir/in", CWD, 0 },
	{ "lfd-abs", "{A}/lfd", CWD, 0 }, { "lself-fd", "lself/fd/102", CWD, 0 }, { "lself-cwd", "lself/cwd/reg", CWD, 0 },
	{ "lself", "lself", CWD, 0 }, { "lfd-slash", "lfd/", CWD, 0 }, { "lfddir-slash", "lfddir/", CWD, 0 },
	{ "lmounts", "lmounts", CWD, 0 },

	{ "fd", "{P}/self/fd/102", CWD, 0 }, { "thread-fd", "{P}/thread-self/fd/102", CWD, 0 }, { "pid-fd", "{P}/{p}/fd/102", CWD, 0 },
	{ "task-fd", "{P}/self/task/{t}/fd/102", CWD, 0 }, { "pid-task-fd", "{P}/{p}/task/{t}/fd/102", CWD, 0 },
	{ "tid-fd", "{P}/{t}/fd/102", CWD, 0 }, { "fd-up", "/{P}/self/fd/100/../tree/reg", CWD, 0 },
	{ "fd-in", "{P}/self/fd/100/reg", CWD, 0 }, { "fd-ln", "{P}/self/fd/100/ln", CWD, 0 }, { "fd-labs", "{P}/self/fd/100/labs", CWD, 0 },
	{ "fd-dir-up", "{P}/self/fd/101/../reg", CWD, 0 }, { "fd-dir-up-up", "{P}/self/fd/101/../../tree/dir/in", CWD, 0 },
	{ "fd-up-above", "/{P}/self/fd/101/../../../../../../../..{A}/reg", CWD, 0 }, { "fd-9999", "{P}/self/fd/9999", CWD, 0 },
	{ "fd-x", "{P}/self/fd/x", CWD, 0 }, { "fd-0102", "{P}/self/fd/0102", CWD, 0 }, { "fd-minus", "{P}/self/fd/-1", CWD, 0 },
	{ "fd-slash", "{P}/self/fd/102/", CWD, 0 }, { "fd-reg-up", "{P}/self/fd/102/..", CWD, 0 }, { "fd-dir-slash", "{P}/self/fd/101/", CWD, 0 },
	{ "fd-dir-dot", "{P}/self/fd/101/.", CWD, 0 }, { "fd-dir", "{P}/self/fd/101", CWD, 0 }, { "fd-o-path", "{P}/self/fd/103", CWD, 0 },
	{ "fd-o-path-ln", "{P}/self/fd/104", CWD, 0 }, { "fd-o-path-fifo", "{P}/self/fd/107", CWD, 0 }, { "fds", "{P}/self/fd", CWD, 0 },
	{ "fds-slash", "{P}/self/fd/", CWD, 0 }, { "fd-again", "{P}/self/fd/106/self/fd/102", CWD, 0 }, { "fdinfo", "{P}/self/fdinfo/102", CWD, 0 },
	{ "fd-updown", "{P}/self/fd/../fd/102", CWD, 0 }, { "task-updown", "{P}/self/task/../fd/102", CWD, 0 },
	{ "self-updown", "{P}/self/../self/fd/102", CWD, 0 }, { "self-dots", "{P}/./self/./fd/./102", CWD, 0 },
	{ "cwd-in", "{P}/self/cwd/reg", CWD, 0 }, { "cwd", "{P}/self/cwd", CWD, 0 }, { "cwd-slash", "{P}/self/cwd/", CWD, 0 },
	{ "cwd-up", "{P}/self/cwd/../tree/reg", CWD, 0 }, { "cwd-ln", "{P}/self/cwd/ln", CWD, 0 }, { "thread-cwd", "{P}/thread-self/cwd/reg", CWD, 0 },
	{ "cwd-ldir", "{P}/self/cwd/ldir/in", CWD, 0 }, { "root-in", "{P}/self/root{A}/reg", CWD, 0 }, { "root-self", "{P}/self/root", CWD, 0 },
	{ "root-slash", "{P}/self/root/", CWD, 0 }, { "root-above", "{P}/self/root/../..{A}/reg", CWD, 0 },
	{ "root-proc", "{P}/self/root{P}/self/fd/102", CWD, 0 }, { "exe", "{P}/self/exe", CWD, 0 }, { "exe-slash", "{P}/self/exe/", CWD, 0 },
	{ "exe-up", "{P}/self/exe/..", CWD, 0 }, { "mounts@host", "{P}/mounts", CWD, F }, { "status", "{P}/self/status", CWD, 0 },
	{ "status-thread", "{P}/thread-self/status", CWD, 0 }, { "status-pid", "{P}/{p}/status", CWD, 0 }, { "stat-slash", "{P}/self/stat/", CWD, 0 },
	{ "self@host", "{P}/self", CWD, F }, { "self-slash", "{P}/self/", CWD, 0 }, { "self-dot", "{P}/self/.", CWD, 0 },
	{ "self-up@host", "{P}/self/..", CWD, S }, { "thread@host", "{P}/thread-self", CWD, F }, { "thread-up", "{P}/thread-self/..", CWD, 0 },
	{ "thread-up-up", "{P}/thread-self/../..", CWD, 0 }, { "task", "{P}/self/task", CWD, 0 }, { "proc@host", "{P}", CWD, S },
	{ "meminfo@host", "{P}/meminfo", CWD, S }, { "sys@host", "{P}/sys/kernel/ostype", CWD, S }, { "none-proc", "{P}/none", CWD, 0 },
	{ "none-self", "{P}/self/none", CWD, 0 }, { "none-pid", "{P}/4194305/status", CWD, 0 }, { "self-status-in", "{P}/self/status/x", CWD, 0 },
	{ "at-self-fd", "self/fd/102", FD_PROC, 0 }, { "at-self-cwd", "self/cwd/reg", FD_PROC, 0 }, { "at-self-fd-up", "self/fd/101/../reg", FD_PROC, 0 },
	{ "at-thread", "thread-self/fd/102", FD_PROC, 0 }, { "at-self@host", "self", FD_PROC, F }, { "at-self-slash", "self/", FD_PROC, 0 },
	{ "at-self-dots", "./self/../self/fd/102", FD_PROC, 0 }, { "at-proc-up", "../{P}/self/fd/102", FD_PROC, 0 },
	{ "at-tree-cwd", "{P}/self/cwd/reg", FD_TREE, 0 },

	{ "dev-fd", "/dev/fd/102", CWD, 0 }, { "dev-stdin", "/dev/stdin", CWD, 0 }, { "dev-stdout", "/dev/stdout", CWD, 0 },
	{ "dev-stderr", "/dev/stderr", CWD, 0 }, { "dev-fds", "/dev/fd", CWD, 0 }, { "dev-fd-up", "/dev/fd/101/../reg", CWD, 0 },
	{ "dev-fd-slash", "/dev/fd/", CWD, 0 }, { "dev-null@null", "/dev/null", CWD, 0 }, { "dev-null-slash", "/dev/null/", CWD, 0 },
	{ "dev-null-in", "/dev/null/x", CWD, 0 }, { "shm", "/dev/shm", CWD, 0 },
};

static const char *expand(const char *text)
{
	static char path[8192];
	char ids[2][16];
	size_t n = 0;

	snprintf(ids[0], sizeof(ids[0]), "%ld", syscall(SYS_getpid));
	snprintf(ids[1], sizeof(ids[1]), "%ld", syscall(SYS_gettid));
	for (; *text; text++) {
		const char *with = NULL;

		if (text[0] == '{')
			with = text[1] == 'A' ? tree_path : text[1] == 'P' ? proc : ids[text[1] == 't'];
		if (!with) {
			path[n++] = *text;
			continue;
		}
		n += (size_t)sprintf(path + n, "%s", with);
		text += 2;
	}
	path[n] = '\0';
	return path;
}

/* 0, 1 and 2, which /dev/stdin and its kin name: a pipe, a file without a name, and reg */
static void standard_files(void)
{
	dup2(FD_PIPE, 0);
	dup2(FD_UNLINKED, 1);
	dup2(FD_REG, 2);
}

/* In another mount of proc, ids may be those of another pid namespace, and so other tasks'. */
static bool is_others(const struct path *p)
{
	return strcmp(proc, "/proc") != 0 && (strstr(p->text, "{p}") || strstr(p->text, "{t}"));
}

static void owner_path(const struct call *c, const struct path *p)
{
	struct args a = { .dirfd = p->dirfd, .uid = 42, .gid = 43 };
	bool standard;

	if (c->traits & T_FD || p->only & S || (p->only & F && c->traits & T_NOFOLLOW))
		return;
	if (is_others(p) || (p->dirfd != CWD && !(c->traits & T_AT)))
		return;
	if (!begin("path/%s/%s", c->name, p->id))
		return;
	standard = strncmp(p->id, "dev-std", 7) == 0;
	tree_build((standard ? TREE_ANON : 0) | (p->id[0] == 'l' || strstr(p->id, "-l") ? TREE_LINKS : 0));
	if (standard)
		standard_files();
	a.path = expand(p->text);
	owner_case(c, &a);
	tree_remove();
}

static void look_path(const char *group, const struct call *c, const struct path *p)
{
	struct args a = { .dirfd = p->dirfd, .mask = 0x7ff, .size = 200, .name = "user.rootlesscontainers" };
	long r;

	if (is_others(p) || c->traits & T_FD || (p->dirfd != CWD && !(c->traits & T_AT)))
		return;
	/* numbers of procfs and of the disk need not fit */
	if (c->layout == L_OLD && !small_inodes)
		return;
	if (c->layout == L_OLD && (strstr(p->text, "{P}") || strstr(p->text, "/dev") || strstr(p->text, "root") || p->text[0] == '/'))
		return;
	if (!begin("%s/%s/%s", group, c->name, p->id))
		return;
	a.buf = buffer_at(P_GOOD, 256);
	a.path = expand(p->text);
	r = call_run(c, &a);
	show_result(r);
	if (c->kind == STAT && r == 0)
		show_stat(c->layout, a.buf);
	else if (c->kind == LIST && r > 0)
		for (const char *name = a.buf; name < (char *)a.buf + r; name += strlen(name) + 1)
			out(" %s", name);
	end();
}

static void look_paths(const char *group, unsigned int what)
{
	tree_build(what);
	standard_files();
	for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
		for (size_t i = 0; i < call_count; i++)
			if (calls[i].kind == STAT || calls[i].kind == GET || calls[i].kind == LIST)
				look_path(group, &calls[i], &paths[p]);
	tree_remove();
}

/* A working directory whose path is longer than any path may be; and one that has been removed. */
static void deep_cases(void)
{
	static const struct path deep[] = {
		{ "file", "deepfile", CWD, 0 }, { "dot", ".", CWD, 0 }, { "up", "..", CWD, 0 }, { "cwd", "{P}/self/cwd/deepfile", CWD, 0 },
		{ "slashes", ".//./deepfile", CWD, 0 }, { "link", "deeplink", CWD, 0 }, { "none", "none", CWD, 0 },
	};
	char name[251];

	tree_build(0);
	memset(name, 'd', sizeof(name) - 1);
	name[250] = '\0';
	for (int i = 0; i < 20; i++)
		if (mkdir(name, 0755) < 0 || chdir(name) < 0)
			die("deep");
	close(open("deepfile", O_CREAT | O_WRONLY, 0644));
	if (symlink("../dddd/../deepfile", "deeplink") < 0)
		die("deeplink");
	for (size_t p = 0; p < ARRAY_SIZE(deep); p++)
		for (size_t i = 0; i < call_count; i++) {
			struct args a = { .dirfd = CWD, .uid = 42 + i, .gid = 43 + p };

			if (calls[i].kind != OWNER) {
				if (calls[i].kind == STAT)
					look_path("deep", &calls[i], &deep[p]);
			} else if (!(calls[i].traits & T_FD) && begin("deep/%s/%s", calls[i].name, deep[p].id)) {
				a.path = expand(deep[p].text);
				owner_case(&calls[i], &a);
			}
		}
	tree_remove();
}

static void removed_cases(void)
{
	static const struct path removed[] = {
		{ "dot", ".", CWD, 0 }, { "up", "..", CWD, 0 }, { "in", "x", CWD, 0 }, { "cwd", "{P}/self/cwd", CWD, 0 },
		{ "cwd-up", "{P}/self/cwd/..", CWD, 0 }, { "slash", "./", CWD, 0 }, { "fd", "../reg", CWD, 0 },
	};

	tree_build(0);
	if (mkdir("gone", 0755) < 0 || chdir("gone") < 0 || rmdir("../gone") < 0)
		die("gone");
	for (size_t p = 0; p < ARRAY_SIZE(removed); p++)
		for (size_t i = 0; i < call_count; i++) {
			struct args a = { .dirfd = CWD, .uid = 42 + i, .gid = 43 + p };

			if (calls[i].kind != OWNER) {
				if (calls[i].kind != SET && calls[i].kind != REMOVE)
					look_path("removed", &calls[i], &removed[p]);
			} else if (!(calls[i].traits & T_FD) && begin("removed/%s/%s", calls[i].name, removed[p].id)) {
				a.path = expand(removed[p].text);
				owner_case(&calls[i], &a);
			}
		}
	tree_remove();
}

static void odd_cases(void)
{
	for_each_call(c, OWNER) {
		if (!(c->traits & T_AT))
			continue;
		tree_build(TREE_ODD);
		for (size_t i = 0; i < object_count; i++) {
			struct args a = { .dirfd = FD_TREE, .path = objects[i].name, .uid = 50 + i, .gid = 60 + i };

			if (begin("odd/%s/%zu", c->name, i))
				owner_case(c, &a);
		}
		tree_remove();
	}
}

void path_cases(void)
{
	for_each_call(c, OWNER)
		for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
			owner_path(c, &paths[p]);
	look_paths("look", TREE_ANON | TREE_LINKS | TREE_OWNED);
	look_paths("plain", TREE_ANON | TREE_LINKS);
	deep_cases();
	removed_cases();
	odd_cases();
}
