/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the calls of syscalls.def before one comes. */
#include <fcntl.h>
#include <linux/net.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "decode/decode.h"

const struct syscall_row syscall_rows[CALL_COUNT] = {
#define SYSCALL(name, handler, trap, traits, flags, ...) \
	[CALL_##name] = { #name, HANDLE_##handler, trap, traits, flags, { __VA_ARGS__ } },
#include "decode/syscalls.def"
#undef SYSCALL
};

const struct trap_condition trap_conditions[] = {
	{ NEW_NAMESPACE, 0, CLONE_NEWUSER, CLONE_NEWUSER },
	{ NEW_NAMESPACE, 0, CLONE_NEWNS, CLONE_NEWNS },
	{ OF_CREDENTIALS, 0, UINT32_MAX, PR_GET_KEEPCAPS },
	{ OF_CREDENTIALS, 0, UINT32_MAX, PR_SET_KEEPCAPS },
	{ OF_CREDENTIALS, 0, UINT32_MAX, PR_CAPBSET_READ },
	{ OF_CREDENTIALS, 0, UINT32_MAX, PR_CAPBSET_DROP },
	{ OF_CREDENTIALS, 0, UINT32_MAX, PR_GET_SECUREBITS },
	{ OF_CREDENTIALS, 0, UINT32_MAX, PR_SET_SECUREBITS },
	{ OF_CREDENTIALS, 0, UINT32_MAX, PR_CAP_AMBIENT },
	{ OF_PEER, 2, UINT32_MAX, SO_PEERCRED },
	{ OF_PEER, 2, UINT32_MAX, SO_PEERGROUPS },
	{ OF_SOCKET_CALL, 0, UINT32_MAX, SYS_GETSOCKOPT },
	{ OF_SOCKET_CALL, 0, UINT32_MAX, SYS_BIND },
	{ OF_LIMIT, 0, UINT32_MAX, RLIMIT_LOCKS },
	{ OF_LIMIT, 0, UINT32_MAX, RLIMIT_RSS },
	{ OF_LIMIT_OF, 1, UINT32_MAX, RLIMIT_LOCKS },
	{ OF_LIMIT_OF, 1, UINT32_MAX, RLIMIT_RSS },
	{ OF_CREATION, 1, O_CREAT, O_CREAT },
	{ OF_CREATION, 1, OPEN_TMPFILE, OPEN_TMPFILE },
	{ OF_CREATION_AT, 2, O_CREAT, O_CREAT },
	{ OF_CREATION_AT, 2, OPEN_TMPFILE, OPEN_TMPFILE },
};

const size_t trap_condition_count = ARRAY_SIZE(trap_conditions);
