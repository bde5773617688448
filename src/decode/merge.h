/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp profile with the rules of the table added: what an engine (podman, docker) or a runtime reads as JSON. Whatever the profile
 * denies stays denied: a call is sent to us exactly under the conditions under which it was allowed. libseccomp, and so crun and runc,
 * take the first rule without arguments for a call whatever other rules there are for it, so rules keep their places.
 */
#ifndef DECODE_MERGE_H
#define DECODE_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "decode/payload.h"

/* bytes of a profile; docker's has 14 kB */
#define MERGE_MAX PAYLOAD_MAX

/* names and values in all; docker's has about 1200 */
#define MERGE_TOKENS_MAX 32768

/* bytes of a merged profile: a rule may become several */
#define MERGED_MAX (4 * MERGE_MAX)

struct merge_options {
	const char *listener; /* listenerPath, or NULL */
	const char *metadata; /* listenerMetadata, or NULL */
	bool flags;           /* WAIT_KILLABLE_RECV */
};

/* Why there is no merged profile, and where in the bytes of the profile that shows. */
struct merge_problem {
	const char *text;
	size_t offset;
};

/*
 * Writes the merged profile. How many bytes, or -EBADMSG, -E2BIG or -EINVAL with *problem: it is no JSON; too large; or JSON that is no
 * profile or one that cannot be merged. Numbers, names and all else that is not changed is copied as it stands.
 */
int merge_profile(const char *json, size_t n, const struct merge_options *options, char out[static MERGED_MAX],
		  struct merge_problem *problem) MUST_CHECK;

#endif
