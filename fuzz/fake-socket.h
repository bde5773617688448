/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of which a script says what arrives, and descriptors that exist nowhere else. */
#ifndef FUZZ_FAKE_SOCKET_H
#define FUZZ_FAKE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one recvmsg() finds. From TRUNCATED on the control data is not what a receiver may use. */
enum shape {
	WHOLE,         /* the descriptors in one SCM_RIGHTS message */
	TWO,           /* in two of them */
	TRUNCATED,     /* MSG_CTRUNC, as when the receiver has no room in its table */
	FOREIGN_LEVEL, /* behind control data of another level */
	FOREIGN_TYPE,  /* behind SCM_CREDENTIALS */
	SHORT,         /* before a header that says it is shorter than a header */
	INTERRUPTED,   /* EINTR */
	FAILED,        /* ECONNRESET */
	SHAPE_COUNT
};

struct arrival {
	enum shape shape;
	const uint8_t *bytes;
	size_t length;
	unsigned int fds;
	uint8_t listeners; /* bit i % 8: descriptor i is a listener */
};

/* Descriptors are numbered from here as they arrive; a number is never used again. */
#define FAKE_SOCKET_FIRST_FD 1000

#define FAKE_SOCKET 900

/* The next script, of n arrivals and an end of file, and no descriptor open. */
void fake_socket_start(const struct arrival *script, size_t n);

/* After the script: none is open but this one (-1: none), which is not inherited through exec. */
void fake_socket_stop(int kept);

/* Once: this kernel's recvmsg() says what ours says, where it can be brought to. */
void fake_socket_check(void);

#endif
