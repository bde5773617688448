/* SPDX-License-Identifier: Apache-2.0 */
/* Options of file systems, as mount(2) takes them: taken apart as the kernel does, and the ids among them that a user namespace with one id does not map. */
#ifndef RULE_MOUNT_H
#define RULE_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "rule/owner.h"

/* A type of file system that users may mount and that takes "uid" or "gid". */
struct mount_type {
	const char *name;
	bool joins_digits; /* a comma before a digit is part of a value: shmem_next_opt() of the kernel, for lists of nodes */
};

/* NULL: there is nothing to do for it. */
const struct mount_type *mount_type_find(const char *name);

/* value: NULL without "=". */
struct mount_option {
	const char *key, *value;
};

/* Takes the next option off text, which it cuts. False: there is none. */
bool mount_option_next(char **text, bool joins_digits, struct mount_option *option);

#define MOUNT_ID_TEXT 11

/* An id in decimal digits, with a NUL. */
void mount_id_text(uint32_t id, char text[static MOUNT_ID_TEXT]);

/* As the kernel reads an id: kstrtouint() with any base. -EINVAL for what it refuses, and for what is no id. */
int mount_id(const char *text, uint32_t *id) MUST_CHECK;

/* Notes the id in owner, if the option gives one. True: it is another than that of self, which is the only one that is mapped. */
bool mount_option_is_unmapped(const struct mount_option *option, struct owner self, struct owner *owner);

/*
 * Do these options have an id that is not mapped? What quotation marks mean depends on a security module: no. Then owner is what they ask for; of
 * several, the last one.
 */
bool mount_asks(const struct mount_type *type, const char *options, struct owner self, struct owner *owner);

/* The MOUNT_ATTR_* flags of fsmount(2) for the MS_* flags of mount(2). */
uint32_t mount_attributes(uint64_t flags);

/* The nth option that stands for one of the MS_* flags, which are of the file system rather than the mount; NULL behind the last. "" for one that is not set. */
const char *mount_flag_option(uint64_t flags, size_t nth);

#endif
