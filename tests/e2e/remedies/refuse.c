/* SPDX-License-Identifier: Apache-2.0 */
/* refuse ERRNO CALL CMD...: runs the command below a seccomp filter that refuses the call, as those of container engines do. */
#include <err.h>
#include <seccomp.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 4 || !filter)
		errx(1, "usage: refuse ERRNO CALL CMD...");
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned int)atoi(argv[1])), seccomp_syscall_resolve_name(argv[2]), 0) < 0 ||
	    seccomp_load(filter) < 0)
		errx(1, "cannot load the filter");
	execvp(argv[3], argv + 3);
	err(1, "%s", argv[3]);
}
