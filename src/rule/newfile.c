/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/newfile.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>

bool newfile_split(const char *path, struct newfile_path *split)
{
	size_t end = strlen(path), start, length;

	while (end > 0 && path[end - 1] == '/')
		end--;
	split->slash = path[end] != '\0';
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	length = end - start < sizeof(split->name) ? end - start : sizeof(split->name) - 1;
	memcpy(split->name, path + start, length);
	split->name[length] = '\0';
	memcpy(split->directory, path, start);
	split->directory[start] = '\0';
	return length > 0 && strcmp(split->name, ".") != 0 && strcmp(split->name, "..") != 0;
}

struct owner newfile_owner(const struct cred *actor, struct owner directory, uint32_t directory_mode)
{
	return (struct owner){ actor->fsuid, directory_mode & S_ISGID ? directory.cgid : actor->fsgid };
}

uint32_t newfile_mode(const struct cred *actor, struct owner directory, uint32_t directory_mode, uint32_t mode)
{
	if ((mode & (S_ISGID | S_IXGRP)) != (S_ISGID | S_IXGRP) || !(directory_mode & S_ISGID))
		return mode;
	return cred_in_group(actor, directory.cgid) || cred_capable(actor, CAP_FSETID) ? mode : mode & ~(uint32_t)S_ISGID;
}
