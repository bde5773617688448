/* SPDX-License-Identifier: Apache-2.0 */
/*
 * difftest [-h] [-x] [-p PROC] [-c TEXT] PASS: prints the transcript. Passes: "disk" works below /work, "tmpfs" below /dev/shm;
 * "ids:SEED:COUNT", "family", "threads", "go", "peer", "mode", "create", "device", "kept", "kept+admin", "files:SEED:COUNT": those of ids.h.
 * "disk", "tmpfs" and "create" with "+root": after a chroot(2) to "/", which changes nothing but for one who watches it. -c: only cases
 * that contain TEXT; -h: with the host's processes in sight; -x: without the calls of Linux 6.13, getxattrat(2) and its kin, which no
 * filter made by an older libseccomp traps.
 */
#include "diff.h"
#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void run_pass(const char *pass)
{
	bool tmpfs = strncmp(pass, "tmpfs", 5) == 0;
	char dir[64], prefix[64];

	snprintf(dir, sizeof(dir), "%s/1", tmpfs ? "/dev/shm" : "/work");
	tree_init(dir, false);
	snprintf(prefix, sizeof(prefix), "%s%s", pass, strcmp(proc, "/proc") == 0 ? "" : proc);
	set_prefix(prefix);
	/* oldstat first, and in a file system just made: later inode numbers are too large for it */
	small_inodes = tmpfs;
	if (small_inodes)
		old_stat_cases();
	path_cases();
	small_inodes = false;
	stat_cases();
	xattr_cases();
	pointer_cases();
	owner_cases();
	task_cases();
	jail_cases();
}

static bool run_ids_pass(const char *pass)
{
	static const struct { const char *name; void (*run)(void); } passes[] = {
		{ "family", family_pass }, { "threads", threads_pass }, { "go", go_pass }, { "peer", peer_pass },
		{ "mode", mode_pass }, { "create", create_pass }, { "create+root", create_pass }, { "device", device_pass },
		{ "kept", kept_pass }, { "kept+admin", kept_pass },
	};
	unsigned long seed = 0, count = 0;
	void (*run)(void) = NULL;
	bool files;

	for (size_t i = 0; i < ARRAY_SIZE(passes); i++)
		if (strcmp(pass, passes[i].name) == 0)
			run = passes[i].run;
	files = sscanf(pass, "files:%lu:%lu", &seed, &count) == 2;
	if (!run && !files && sscanf(pass, "ids:%lu:%lu", &seed, &count) != 2)
		return false;
	/* these go on across exec */
	if (dup2(1, FD_OUT) < 0 || dup2(2, FD_ERR) < 0)
		die("descriptors");
	sets_limit(strstr(pass, "+admin"));
	programs_make();
	if (run)
		run();
	else if (files)
		files_pass(seed, count);
	else
		sequence_pass(seed, count);
	return true;
}

static void set_up(void)
{
	struct rlimit files = { 1024, 1024 };

	if (dup3(1, FD_OUT, O_CLOEXEC) < 0 || dup3(2, FD_ERR, O_CLOEXEC) < 0 || close_range(3, FD_OUT - 1, 0) < 0 ||
	    close_range(FD_ERR + 1, ~0U, 0) < 0 || setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("descriptors");
	umask(0);
	mkdir("/work", 0755);
	/* where the host's device is mounted its owner is not mapped here */
	if (syscall(SYS_chown, "/dev/null", 0, 0) < 0)
		die("/dev/null");
	memory_init();
}

int main(int argc, char **argv)
{
	int c;

	resume_if(argc, argv);
	while ((c = getopt(argc, argv, "p:c:xh")) != -1) {
		if (c == 'p')
			proc = optarg;
		else if (c == 'c')
			filter = optarg;
		else if (c == 'h')
			host_in_sight = true;
		else if (c == 'x')
			call_count -= 6;
		else
			return 2;
	}
	if (optind != argc - 1)
		return 2;
	if (strstr(argv[optind], "+root") && chroot("/") < 0)
		die("chroot");
	if (run_ids_pass(argv[optind]))
		return 0;
	set_up();
	run_pass(argv[optind]);
	return 0;
}
