/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions under which calls are trapped. */
#include "decode/decode.h"

#include <fcntl.h>
#include <linux/net.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

static void traps_have_conditions(void **state)
{
	unsigned int found[TRAP_COUNT] = { 0 };

	(void)state;
	for (size_t i = 0; i < trap_condition_count; i++) {
		const struct trap_condition *c = &trap_conditions[i];

		assert_true(c->trap < TRAP_COUNT && c->trap != ALWAYS && c->trap != REFUSED);
		assert_true(c->by.index < 6 && (c->by.value & ~c->by.mask) == 0);
		found[c->trap]++;
	}
	for (enum call call = 0; call < CALL_COUNT; call++) {
		const struct syscall_row *row = &syscall_rows[call];
		bool conditional = row->trap != ALWAYS && row->trap != REFUSED;

		assert_int_equal(found[row->trap] > 0, conditional);
		/* and the argument that is compared is the one that says what is asked for */
		for (size_t i = 0; i < trap_condition_count && conditional; i++)
			if (trap_conditions[i].trap == row->trap)
				assert_true(row->args[trap_conditions[i].by.index] == OPTION || row->args[trap_conditions[i].by.index] == CLONE_BITS ||
					    row->args[trap_conditions[i].by.index] == SOCKET_CALL || row->args[trap_conditions[i].by.index] == OPEN_FLAGS);
	}
}

static bool is_trapped(enum trap trap, uint32_t value)
{
	for (size_t i = 0; i < trap_condition_count; i++)
		if (trap_conditions[i].trap == trap && (value & trap_conditions[i].by.mask) == trap_conditions[i].by.value)
			return true;
	return false;
}

static void traps_are_of_these_values(void **state)
{
	static const uint32_t options[] = { PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_SECUREBITS,
					    PR_SET_SECUREBITS, PR_CAP_AMBIENT };

	(void)state;
	for (uint32_t value = 0; value < 256; value++) {
		bool option = false;

		for (size_t i = 0; i < ARRAY_SIZE(options); i++)
			option |= options[i] == value;
		assert_int_equal(is_trapped(OF_CREDENTIALS, value), option);
		assert_int_equal(is_trapped(OF_PEER, value), value == SO_PEERCRED || value == SO_PEERGROUPS);
		assert_int_equal(is_trapped(OF_SOCKET_CALL, value), value == SYS_GETSOCKOPT || value == SYS_BIND);
		assert_int_equal(is_trapped(OF_LIMIT, value), value == RLIMIT_LOCKS || value == RLIMIT_RSS);
		assert_int_equal(is_trapped(OF_LIMIT_OF, value), value == RLIMIT_LOCKS || value == RLIMIT_RSS);
	}
	for (uint32_t command = 0; command < 16; command++)
		assert_int_equal(is_trapped(OF_FS_OPTION, command), command == 1 || command == 7);
	assert_true(is_trapped(OF_TERMINAL, 0x80045430) && is_trapped(OF_TERMINAL, 0x40045431));
	assert_false(is_trapped(OF_TERMINAL, 0x5401) || is_trapped(OF_TERMINAL, 0x80045431) || is_trapped(OF_TERMINAL, 0));
	for (enum trap trap = OF_CREATION; trap <= OF_CREATION_AT; trap++) {
		assert_true(is_trapped(trap, O_CREAT) && is_trapped(trap, O_TMPFILE | O_RDWR) && is_trapped(trap, OPEN_TMPFILE) && is_trapped(trap, UINT32_MAX));
		assert_false(is_trapped(trap, ~(uint32_t)(O_CREAT | OPEN_TMPFILE)));
	}
	assert_true(is_trapped(NEW_NAMESPACE, CLONE_NEWUSER | CLONE_VM) && is_trapped(NEW_NAMESPACE, CLONE_NEWNS | CLONE_NEWPID));
	assert_false(is_trapped(NEW_NAMESPACE, ~(uint32_t)(CLONE_NEWUSER | CLONE_NEWNS)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(traps_have_conditions),
		cmocka_unit_test(traps_are_of_these_values),
	};

	return cmocka_run_group_tests_name("traps", tests, NULL, NULL);
}
