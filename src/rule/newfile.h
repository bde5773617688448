/* SPDX-License-Identifier: Apache-2.0 */
/* New files: where a path puts them, and what the kernel would make of their owner and mode. path_resolution(7), inode_init_owner(). */
#ifndef RULE_NEWFILE_H
#define RULE_NEWFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "rule/cred.h"
#include "rule/owner.h"

struct newfile_path {
	char directory[PATH_MAX]; /* its path; "": where the path starts */
	char name[NAME_MAX + 2];  /* a longer one is cut to NAME_MAX + 1 bytes, with which the kernel fails as well */
	bool slash;               /* behind the name */
};

/* False: the path names nothing that could be made, such as "", "/" and "..". */
bool newfile_split(const char *path, struct newfile_path *split) MUST_CHECK;

/* The owner of a new file; ids are the container's. directory, directory_mode: of the directory in which it is made. */
struct owner newfile_owner(const struct cred *actor, struct owner directory, uint32_t directory_mode);

/* The mode without S_ISGID, where the actor may not make a program of the directory's group. */
uint32_t newfile_mode(const struct cred *actor, struct owner directory, uint32_t directory_mode, uint32_t mode);

#endif
