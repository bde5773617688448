/* SPDX-License-Identifier: Apache-2.0 */
/* The listenerMetadata of a payload: words with a space between them, of which this daemon knows one, user=UID[:GID[:GROUP,...]]. */
#ifndef DECODE_METADATA_H
#define DECODE_METADATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/util.h"

/* All of it, where the listener is not of a container but of a whole engine, whose tasks have the host's root: see cli/attach.c. */
#define METADATA_ATTACHED "attached"

/* The ids that the first program of a container gets. */
struct first_user {
	bool given;
	uint32_t uid, gid; /* a missing GID is 0 */
	uint32_t n_groups;
	uint32_t groups[LIMIT_GROUPS];
};

/* 0: user is filled in, or not given. -EINVAL: there is a user= that cannot be understood. */
int metadata_decode(const char *text, struct first_user *user) MUST_CHECK;

#endif
