/* SPDX-License-Identifier: Apache-2.0 */
/* The container process state that an OCI runtime sends along with a listener: config-linux.md, "Seccomp notify". */
#ifndef DECODE_PAYLOAD_H
#define DECODE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* bytes; podman sends about 1 kB, but annotations are the user's and an image may bring large ones */
#define PAYLOAD_MAX (1U << 20)

/* objects and arrays within each other; a payload needs 3, and 64 of them are one word */
#define PAYLOAD_DEPTH_MAX 64

/* names and values in all, so about 1000 annotations; 20 bytes of stack each while decoding */
#define PAYLOAD_TOKENS_MAX 2048

/* bytes with the NUL that are kept of id and metadata, longer ones are cut: they are labels for the log */
#define PAYLOAD_LABEL_MAX 256

/*
 * How far the object has arrived. What counts as JSON is RFC 8259 in UTF-8 without a byte order mark. Lone surrogates
 * in \u escapes are within that grammar and pass, since escapes are never undone.
 */
struct payload_scan {
	int status;                   /* what payload_scan_feed() returned last */
	unsigned char state;          /* what may come next */
	unsigned char depth;          /* open objects and arrays ... */
	uint64_t objects;             /* ... a bit for each, the innermost lowest: an object */
	bool in_name;                 /* the string is the name of a member */
	size_t length;                /* in bytes[]; at the end the whole object and nothing behind it */
	char bytes[PAYLOAD_MAX];
};

struct payload {
	unsigned int fd_index; /* of the listener among the descriptors that came along */
	int64_t pid;           /* in the sender's pid namespace, 0 when there is none: for the log only */
	bool has_metadata;
	char id[PAYLOAD_LABEL_MAX]; /* "" when there is none; JSON escapes are kept as they came, here ... */
	char metadata[PAYLOAD_LABEL_MAX]; /* ... and here; a cut may leave half an escape or character */
};

void payload_scan_init(struct payload_scan *s);

/*
 * Feeds n bytes. 1: the object is complete, bytes behind it are ignored. 0: more is needed. -EBADMSG: it cannot become
 * a JSON object any more. -E2BIG: too long or too deep. 1 and errors stay. How the input is split never matters.
 */
int payload_scan_feed(struct payload_scan *s, const char *bytes, size_t n) MUST_CHECK;

/*
 * Reads a complete object. Needs one "seccompFd" in "fds"; takes "pid", "metadata" and "id" in "state" where they are;
 * other members are ignored. -EBADMSG: the listener is missing, a member has the wrong type or occurs twice, or a name
 * is written with escapes (so each has one spelling). -E2BIG: too many tokens. *out is written only with 0.
 */
int payload_decode(const struct payload_scan *s, struct payload *out) MUST_CHECK;

#endif
