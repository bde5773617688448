/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ipc/message.h"

static int pair[2];

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int set_up(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
}

static int tear_down(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* Sends size bytes with n descriptors, as a worker might that is no longer ours. */
static void send_raw(size_t size, int level, unsigned int n)
{
	static char bytes[4096];
	struct iovec iov = { bytes, size };
	union {
		char bytes[CMSG_SPACE(32 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_LEN(n * sizeof(int));
		control.align = (struct cmsghdr){ .cmsg_level = level, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(n * sizeof(int)) };
		for (unsigned int i = 0; i < n; i++)
			memcpy(CMSG_DATA(&control.align) + i * sizeof(int), &pair[0], sizeof(int));
	}
	assert_int_equal(sendmsg(pair[1], &msg, 0), size);
}

static void arrives_with_its_descriptors(void **state)
{
	struct message sent = { .kind = MESSAGE_RECORD, .record = { { { 1, 2, 3 }, { 4, 5 }, 6, 0 }, 7, 0 } }, got;
	int fds[MESSAGE_FDS];

	(void)state;
	for (unsigned int n = 0; n <= MESSAGE_FDS; n++) {
		assert_int_equal(message_send(pair[1], &sent, (int[]){ 0, 1, 2 }, n), 0);
		assert_int_equal(message_receive(pair[0], &got, fds), n);
		assert_memory_equal(&sent, &got, sizeof(sent));
		for (unsigned int i = 0; i < MESSAGE_FDS; i++) {
			assert_int_equal(fds[i] >= 0, i < n);
			if (i < n)
				close(fds[i]);
		}
	}
	assert_int_equal(message_send(pair[1], &sent, (int[]){ 0, 1, 2, 2 }, MESSAGE_FDS + 1), -EINVAL);
}

/* The longest one. */
static void credentials_arrive_whole(void **state)
{
	struct message sent = { .kind = MESSAGE_CREDENTIALS }, got;
	int fds[MESSAGE_FDS];

	(void)state;
	memset(&sent.cred, 0x5a, sizeof(sent.cred));
	assert_int_equal(message_send(pair[1], &sent, NULL, 0), 0);
	assert_int_equal(message_receive(pair[0], &got, fds), 0);
	assert_int_equal(got.kind, MESSAGE_CREDENTIALS);
	assert_memory_equal(&sent.cred, &got.cred, sizeof(sent.cred));
}

static void does_not_wait(void **state)
{
	struct message got;
	int fds[MESSAGE_FDS];

	(void)state;
	assert_int_equal(message_receive(pair[0], &got, fds), -EAGAIN);
}

static void another_size_is_no_message(void **state)
{
	static const size_t sizes[] = { 1, sizeof(struct message) - 1, sizeof(struct message) + 1, 4096 };
	struct message got;
	int fds[MESSAGE_FDS], before = open_fds();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		send_raw(sizes[i], SOL_SOCKET, 2);
		assert_int_equal(message_receive(pair[0], &got, fds), -EBADMSG);
		assert_int_equal(open_fds(), before);
	}
}

static void too_many_descriptors_are_closed(void **state)
{
	struct message got;
	int fds[MESSAGE_FDS], before = open_fds();

	(void)state;
	for (unsigned int n = MESSAGE_FDS + 1; n <= 32; n++) {
		send_raw(sizeof(struct message), SOL_SOCKET, n);
		assert_int_equal(message_receive(pair[0], &got, fds), -EBADMSG);
		assert_int_equal(open_fds(), before);
	}
}

static void the_end_is_an_error(void **state)
{
	struct message got;
	int fds[MESSAGE_FDS];

	(void)state;
	shutdown(pair[1], SHUT_WR);
	assert_int_equal(message_receive(pair[0], &got, fds), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(arrives_with_its_descriptors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(credentials_arrive_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(does_not_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_size_is_no_message, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many_descriptors_are_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_is_an_error, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
