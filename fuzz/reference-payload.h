/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on payloads, by the parser that crun uses itself. */
#ifndef FUZZ_REFERENCE_PAYLOAD_H
#define FUZZ_REFERENCE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reference_label {
	int count;
	size_t length;
	char text[512]; /* what fits of it, escapes undone */
};

struct reference_payload {
	bool json;     /* a complete value, of `consumed` bytes */
	bool broken;   /* no continuation can make it one */
	bool accepted; /* and a payload as it should be */
	size_t consumed;
	int tokens;
	int fds, elements, listeners, listener, pids, states;
	int64_t pid;
	struct reference_label id, metadata;
};

void reference_payload(const unsigned char *text, size_t n, struct reference_payload *p);

/* Well-formed UTF-8? By decoding each character and checking its value. */
bool reference_utf8(const unsigned char *text, size_t n);

#endif
