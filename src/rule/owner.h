/* SPDX-License-Identifier: Apache-2.0 */
/* Owners: what the kernel would make of them, and how they are recorded. */
#ifndef RULE_OWNER_H
#define RULE_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* In a request: keep. In a record: not overridden. Never an id. */
#define OWNER_NONE UINT32_MAX

/* The longest value that owner_encode() makes: two tags, two 32-bit varints. */
#define OWNER_ENCODED_MAX 12

struct owner {
	uint32_t cuid, cgid;
};

/* Nothing overridden. */
static inline bool owner_is_none(struct owner record)
{
	return record.cuid == OWNER_NONE && record.cgid == OWNER_NONE;
}

static inline bool owner_equal(struct owner a, struct owner b)
{
	return a.cuid == b.cuid && a.cgid == b.cgid;
}

/* The owner that a container sees, of an object that the kernel shows as host. */
struct owner owner_shown(struct owner record, struct owner host);

/* The record after a change to want: an id that the kernel shows anyway is not recorded. */
struct owner owner_merge(struct owner record, struct owner want, struct owner host);

/* chown(2)'s rule: CAP_CHOWN, or the file's owner who keeps the uid and sets a group of its own. */
bool owner_may_change(bool cap_chown, struct owner actor, struct owner shown, struct owner want);

/* The value of the xattr. 0; or -EBADMSG, with record untouched. An empty value records nothing. */
int owner_decode(const unsigned char *bytes, size_t n, struct owner *record) MUST_CHECK;

/* The bytes of the value, how many. */
size_t owner_encode(struct owner record, unsigned char bytes[static OWNER_ENCODED_MAX]);

#endif
