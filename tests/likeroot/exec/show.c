/* SPDX-License-Identifier: Apache-2.0 */
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec.h"

static unsigned long long joined(uint32_t low, uint32_t high)
{
	return low | (unsigned long long)high << 32;
}

static unsigned long long asked(int option, int argument)
{
	unsigned long long set = 0;

	for (unsigned long i = 0; i <= CAP_LAST_CAP; i++) {
		int r = argument < 0 ? prctl(option, i, 0, 0, 0) : prctl(option, argument, i, 0, 0);

		if (r > 0)
			set |= 1ULL << i;
	}
	return set;
}

static size_t show_groups(char *line, size_t size)
{
	gid_t groups[64];
	int n = must(getgroups(64, groups), "getgroups");
	size_t done = (size_t)snprintf(line, size, " groups");

	for (int i = 0; i < n; i++)
		done += (size_t)snprintf(line + done, size - done, " %u", groups[i]);
	return done;
}

void show(const char *before)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2];
	char line[1024];
	uid_t r, e, s;
	gid_t rg, eg, sg;
	size_t n;

	must(getresuid(&r, &e, &s), "getresuid");
	must(getresgid(&rg, &eg, &sg), "getresgid");
	n = (size_t)snprintf(line, sizeof(line), "%suid %u %u %u %d gid %u %u %u %d", before, r, e, s, setfsuid((uid_t)-1), rg, eg, sg,
			     setfsgid((gid_t)-1));
	n += show_groups(line + n, sizeof(line) - n);
	must((int)syscall(SYS_capget, &header, data), "capget");
	n += (size_t)snprintf(line + n, sizeof(line) - n, " caps %llx %llx %llx %llx %llx bits %x",
			      joined(data[0].inheritable, data[1].inheritable), joined(data[0].permitted, data[1].permitted),
			      joined(data[0].effective, data[1].effective), asked(PR_CAPBSET_READ, -1),
			      asked(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET), prctl(PR_GET_SECUREBITS));
	/* the rest of the vector is the kernel's where it is not secure */
	if (getauxval(AT_SECURE))
		n += (size_t)snprintf(line + n, sizeof(line) - n, " secure %lu %lu %lu %lu", getauxval(AT_UID), getauxval(AT_EUID),
				      getauxval(AT_GID), getauxval(AT_EGID));
	n += (size_t)snprintf(line + n, sizeof(line) - n, "%s\n", getenv("LD_PRELOAD") ? " preload" : "");
	must((int)write(STDOUT_FILENO, line, n), "write");
}
