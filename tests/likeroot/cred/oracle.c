/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle [CALLS [SEED]], as TAP: cred.c does as the kernel does, in every state of a few ids, and in CALLS random calls, exec
 * and fork among them; the whole state is compared after each. Needs root, who may mount a tmpfs and use a few other ids.
 */
#include "oracle.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS 20000
#define STEPS_A_SCRIPT 60
#define DIFFERENCES_MAX 3 /* that are printed */

const uint32_t oracle_ids[IDS] = { 0, 70001, 70002, 70003 };
struct script *oracle_script;
struct seen oracle_first;
static char script_fd[16];
static int tests, failures, differences;

static void result(bool passed, const char *what)
{
	failures += !passed;
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tests, what);
	fflush(stdout);
}

static int skip(const char *what, const char *why)
{
	printf("1..0 # SKIP %s: %s\n", what, why);
	return 0;
}

static void print_seen(const char *who, const struct seen *s)
{
	printf("# %s: %lld uid %u %u %u %u gid %u %u %u %u inh %llx prm %llx eff %llx bnd %llx amb %llx bits %x nnp %u secure %u aux %u %u %u %u groups %u",
		who, (long long)s->result, s->uid[0], s->uid[1], s->uid[2], s->uid[3], s->gid[0], s->gid[1], s->gid[2], s->gid[3],
		(unsigned long long)s->inheritable, (unsigned long long)s->permitted, (unsigned long long)s->effective,
		(unsigned long long)s->bounding, (unsigned long long)s->ambient, s->securebits, s->no_new_privs, s->secure, s->aux_uid[0],
		s->aux_uid[1], s->aux_gid[0], s->aux_gid[1], s->n_groups);
	for (uint32_t i = 0; i < s->n_groups && i < 8; i++)
		printf(" %u", s->groups[i]);
	printf("\n");
}

static void print_difference(const struct seen *expected, uint32_t at)
{
	const struct step *step = &oracle_script->steps[at];

	if (++differences > DIFFERENCES_MAX)
		return;
	printf("# step %u of %u, kind %u, args %lld %lld %lld %lld, groups %u\n", at, oracle_script->n, step->kind, (long long)step->args[0],
		(long long)step->args[1], (long long)step->args[2], (long long)step->args[3], step->n_groups);
	print_seen("before", at > 0 ? &oracle_script->steps[at - 1].seen : &oracle_first);
	print_seen("kernel", &step->seen);
	print_seen("cred.c", &expected[at]);
}

bool oracle_run(const struct seen *expected)
{
	char name[] = "0", *argv[] = { name, script_fd, NULL }, *envp[] = { NULL };
	int status = 0;
	pid_t pid;

	oracle_script->at = 0;
	for (uint32_t i = 0; i < oracle_script->n; i++)
		memset(&oracle_script->steps[i].seen, 0xa5, sizeof(oracle_script->steps[i].seen));
	pid = vfork();
	if (pid == 0) {
		execve("./0", argv, envp);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		printf("# the process ended with status %#x at step %u\n", status, oracle_script->at);
		return false;
	}
	for (uint32_t i = 0; expected && i < oracle_script->n; i++)
		if (memcmp(&expected[i], &oracle_script->steps[i].seen, sizeof(expected[i])) != 0) {
			print_difference(expected, i);
			return false;
		}
	return true;
}

/* NULL, or why there is nothing to be compared here. */
static const char *look_first(void)
{
	const uint64_t needed = 1U << CAP_SETUID | 1U << CAP_SETGID | 1U << CAP_SETPCAP;

	memset(oracle_script, 0, sizeof(*oracle_script));
	oracle_script->n = 2 + IDS;
	oracle_script->steps[1].kind = STEP_SETGROUPS;
	for (int i = 0; i < IDS; i++)
		oracle_script->steps[2 + i] = (struct step){ .kind = STEP_IDS, .args = { STEP_SETRESGID, oracle_ids[i], oracle_ids[i], 0 } };
	if (!oracle_run(NULL))
		return "the process does not run";
	oracle_first = oracle_script->steps[0].seen;
	if ((oracle_first.effective & needed) != needed)
		return "root lacks CAP_SETUID, CAP_SETGID or CAP_SETPCAP";
	for (int i = 1; i < 2 + IDS; i++)
		if (oracle_script->steps[i].seen.result != 0)
			return "not every id can be had in this user namespace";
	return NULL;
}

static const char *prepare(int program)
{
	struct rlimit limit;
	int fd = memfd_create("script", 0);
	const char *why;

	if (fd < 0 || ftruncate(fd, sizeof(*oracle_script)) != 0)
		return "no memory";
	snprintf(script_fd, sizeof(script_fd), "%d", fd);
	oracle_script = mmap(NULL, sizeof(*oracle_script), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (oracle_script == MAP_FAILED)
		return "no memory";
	/* too many processes of an id would show at execve(2) */
	if (getrlimit(RLIMIT_NPROC, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NPROC, &limit);
	}
	files_describe();
	why = files_make(program);
	return why ? why : look_first();
}

/* On a tmpfs of our own, which is not mounted nosuid, where every id may search, and which ends with us. */
static const char *enter_directory(void)
{
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return "no mount namespace can be made";
	if (mount("cred-oracle", "/tmp", "tmpfs", 0, "mode=755,size=256m") != 0)
		return "no tmpfs can be mounted";
	return chdir("/tmp") == 0 ? NULL : "the tmpfs cannot be entered";
}

static void reach(bool of_group)
{
	uint32_t states, transitions;
	bool same = reach_all(of_group, &states, &transitions);
	char what[128];

	snprintf(what, sizeof(what), "%s ids: %u states that can be reached, %u calls in them", of_group ? "group" : "user", states, transitions);
	result(same && states > IDS * IDS, what);
}

static bool random_script(struct oracle_counts *counts)
{
	static struct seen expected[STEPS_MAX];
	uint32_t n = 1 + (uint32_t)random_below(2 * STEPS_A_SCRIPT);
	struct model m;

	model_begin(&m, &oracle_first);
	for (uint32_t i = 0; i < n; i++) {
		struct step *step = &oracle_script->steps[i];

		random_step(step, &m, n - i);
		expected[i] = model_step(&m, step, counts);
	}
	oracle_script->n = n;
	return oracle_run(expected);
}

static void randomly(uint64_t calls, uint64_t seed)
{
	struct oracle_counts c = { 0 };
	uint64_t scripts = 0, bad = 0;
	char what[256];

	random_seed(seed);
	for (; c.steps < calls && bad < 20; scripts++)
		bad += !random_script(&c);
	snprintf(what, sizeof(what), "%llu random calls in %llu processes, %llu of them differ, seed %llu", (unsigned long long)c.steps,
		(unsigned long long)(scripts + c.forks), (unsigned long long)bad, (unsigned long long)seed);
	result(bad == 0, what);
	snprintf(what, sizeof(what), "among them %llu failed, %llu forks, %llu execs: %llu refused, %llu secure, %llu observed, %llu with no_new_privs, %llu with ambient capabilities",
		(unsigned long long)c.failed, (unsigned long long)c.forks, (unsigned long long)c.execs, (unsigned long long)c.execs_refused,
		(unsigned long long)c.secure, (unsigned long long)c.shared, (unsigned long long)c.restricted, (unsigned long long)c.ambient);
	result(c.failed && c.forks && c.execs_refused && c.secure && c.shared && c.restricted && c.ambient, what);
}

int main(int argc, char **argv)
{
	const char *what = "cred.c against the kernel", *why;
	uint64_t seed = 0;
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	int program;

	if (geteuid() != 0)
		return skip(what, "only root can have other ids");
	if (n <= 0 || getrandom(&seed, 4, 0) != 4)
		return 1;
	strcpy(path + n, ".subject");
	program = open(path, O_RDONLY | O_CLOEXEC);
	why = enter_directory();
	if (!why)
		why = prepare(program);
	if (why)
		return skip(what, why);
	randomly(argc > 1 ? strtoull(argv[1], NULL, 0) : CALLS, argc > 2 ? strtoull(argv[2], NULL, 0) : seed);
	/* which would say the same again, more slowly */
	if (failures == 0) {
		reach(false);
		reach(true);
	}
	printf("1..%d\n", tests);
	return failures != 0;
}
