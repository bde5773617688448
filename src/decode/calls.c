/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of syscalls.def and traps.def. */
#include <fcntl.h>
#include <linux/net.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
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
#define CONDITION(trap, index, mask, value) { trap, { index, mask, value } },
#include "decode/traps.def"
};

const size_t trap_condition_count = ARRAY_SIZE(trap_conditions);
