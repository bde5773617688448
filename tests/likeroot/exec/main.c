/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec tree | run | as ACTOR FILE | way WAY ROUNDS ACTOR | storm PROCESSES ROUNDS | swap ROUNDS EUID | time ROUNDS FILE ACTOR; and, as what is
 * executed: show | is | chain | agrees. The transcript of "run" is that of
 * native root with the same capabilities, or the credentials are wrong.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec.h"

#define BIT(cap) (1ULL << (cap))
#define CAPS (BIT(CAP_AUDIT_WRITE) | BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) | \
	BIT(CAP_MKNOD) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) | BIT(CAP_SETUID) | \
	BIT(CAP_SYS_CHROOT))

static char program[] = "exec", mode[] = "show", preload[] = "LD_PRELOAD=" TREE "/nothing", some[] = "SOME=thing";
char *const arguments[] = { program, mode, NULL };
char *const environment[] = { some, preload, NULL };

static void set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){ (uint32_t)(effective >> 32 * i), (uint32_t)(permitted >> 32 * i),
							   (uint32_t)(inheritable >> 32 * i) };
	must((int)syscall(SYS_capset, &header, data), "capset");
}

/* The root of a container, also where more would be allowed. */
static void become_root(void)
{
	for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (!(CAPS & BIT(i)))
			must(prctl(PR_CAPBSET_DROP, i, 0, 0, 0), "PR_CAPBSET_DROP");
	set_capabilities(CAPS, CAPS, 0);
	must(setgroups(0, NULL), "setgroups");
}

static void as_root(void)
{
}

static void as_user(void)
{
	must(setgroups(2, (gid_t[]){ 1000, 4 }), "setgroups");
	must(setresgid(1000, 1000, 1000), "setresgid");
	must(setresuid(1000, 1000, 1000), "setresuid");
}

static void as_effective_user(void)
{
	must(setresgid(-1U, 1000, -1U), "setresgid");
	must(setresuid(-1U, 1000, -1U), "setresuid");
}

static void as_effective_root(void)
{
	must(setresuid(1000, 0, 0), "setresuid");
}

static void as_three(void)
{
	must(setgroups(1, (gid_t[]){ 5 }), "setgroups");
	must(setresgid(1000, 2000, 3000), "setresgid");
	must(setresuid(1000, 2000, 3000), "setresuid");
}

static void with_ambient(void)
{
	uint64_t some_caps = BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_CHOWN) | BIT(CAP_SETPCAP);

	must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS");
	must(setresuid(1000, 1000, 1000), "setresuid");
	set_capabilities(some_caps, some_caps, BIT(CAP_NET_BIND_SERVICE));
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0), "PR_CAP_AMBIENT_RAISE");
}

static void with_inheritable(void)
{
	must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS");
	must(setresuid(1000, 1000, 1000), "setresuid");
	set_capabilities(0, 0, BIT(CAP_KILL));
}

static void with_keepcaps(void)
{
	must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS");
}

static void without_new_privileges(void)
{
	as_user();
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
}

static void as_lesser_root(void)
{
	must(setgroups(1, (gid_t[]){ 7 }), "setgroups");
	set_capabilities(BIT(CAP_SETUID), BIT(CAP_SETUID) | BIT(CAP_KILL), 0);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
}

static void without_root(void)
{
	must(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0), "PR_SET_SECUREBITS");
}

static void as_file_user(void)
{
	setfsuid(1000);
	setfsgid(1000);
}

static const struct {
	const char *name;
	void (*become)(void);
} actors[] = {
	{ "root", as_root },
	{ "user", as_user },
	{ "effective-user", as_effective_user },
	{ "effective-root", as_effective_root },
	{ "three", as_three },
	{ "ambient", with_ambient },
	{ "inheritable", with_inheritable },
	{ "keepcaps", with_keepcaps },
	{ "no-new-privs", without_new_privileges },
	{ "lesser-root", as_lesser_root },
	{ "noroot", without_root },
	{ "file-user", as_file_user },
};

static const char *const files[] = {
	"plain", "owned", "suid0", "suid1000", "suid2000", "sgid0", "sgid5", "sgid-no-x", "both", "nosuid/both", "cap", "cap-inheritable",
	"cap-too-much", "cap-suid2000", "script", "script-missing", "garbage", "no-x", "missing", "dangling", "plain/below", "empty",
};

/* file or way */
static void one(size_t actor, const char *file, const struct way *way)
{
	char path[64], failed[64];
	int status;
	pid_t pid;

	printf("%s %s: ", actors[actor].name, file ? file : way->name);
	fflush(stdout);
	pid = must(fork(), "fork");
	if (pid == 0) {
		actors[actor].become();
		snprintf(path, sizeof(path), TREE "/%s", file ? file : "");
		if (file)
			execve(path, arguments, environment);
		else
			way->execute();
		snprintf(failed, sizeof(failed), "%s, ", strerrorname_np(errno));
		show(failed);
		exit(0);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	if (status != 0)
		printf("status %x\n", (unsigned int)status);
}

static void run(void)
{
	for (size_t actor = 0; actor < sizeof(actors) / sizeof(actors[0]); actor++) {
		for (size_t file = 0; file < sizeof(files) / sizeof(files[0]); file++)
			one(actor, files[file], NULL);
		for (const struct way *way = ways; way->name; way++)
			one(actor, NULL, way);
	}
}

static void repeat(const char *name, int rounds, size_t actor)
{
	const struct way *way = ways;

	while (way->name && strcmp(way->name, name) != 0)
		way++;
	if (!way->name)
		must(-1, name);
	while (rounds-- > 0)
		one(actor, NULL, way);
}

/* Microseconds of a fork and an exec. */
static void measure(int rounds, const char *path, int actor)
{
	char *const quiet[] = { program, program, NULL };
	struct timespec begin, end;

	actors[actor].become();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < rounds; i++) {
		int status;
		pid_t pid = must(vfork(), "vfork");

		if (pid == 0) {
			execve(path, quiet, environment);
			_exit(1);
		}
		must(waitpid(pid, &status, 0), "waitpid");
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%s %s: %.1f us\n", actors[actor].name, path,
	       ((double)(end.tv_sec - begin.tv_sec) * 1e6 + (double)(end.tv_nsec - begin.tv_nsec) / 1e3) / rounds);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "show") == 0) {
		show("");
	} else if (strcmp(what, "is") == 0) {
		return geteuid() != 2000 || getuid() != 1000;
	} else if (strcmp(what, "chain") == 0) {
		execve(TREE "/plain", arguments, environment);
		return 1;
	} else if (strcmp(what, "tree") == 0) {
		make_tree();
	} else if (strcmp(what, "run") == 0) {
		become_root();
		run();
	} else if (strcmp(what, "as") == 0 && argc == 4) {
		actors[atoi(argv[2])].become();
		execve(argv[3], arguments, environment);
		return 1;
	} else if (strcmp(what, "way") == 0 && argc == 5) {
		repeat(argv[2], atoi(argv[3]), (size_t)atoi(argv[4]));
	} else if (strcmp(what, "agrees") == 0) {
		return agrees();
	} else if (strcmp(what, "swap") == 0 && argc == 4) {
		return swap(atoi(argv[2]), (uid_t)atoi(argv[3]));
	} else if (strcmp(what, "storm") == 0 && argc == 4) {
		return storm(atoi(argv[2]), atoi(argv[3])) != 0;
	} else if (strcmp(what, "time") == 0 && argc == 5) {
		measure(atoi(argv[2]), argv[3], atoi(argv[4]));
	}
	return 0;
}
