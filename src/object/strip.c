/* SPDX-License-Identifier: Apache-2.0 */
#include "object/strip.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/names.h"
#include "base/sys.h"
#include "decode/request.h"

/* Removes it unless it is gone already. 0 or -errno. */
static int drop(const char *path, const char *name)
{
	return removexattr(path, name) < 0 && errno != ENODATA ? -errno : 0;
}

int strip_object(int fd, bool remove)
{
	static char names[XATTR_LIST_MAX];
	char path[FD_LINK_MAX];
	int r, found = 0;
	ssize_t n;

	fd_link(path, "/proc/", fd);
	n = listxattr(path, names, sizeof(names));
	if (n < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	for (char *name = names; name < names + n; name += strlen(name) + 1) {
		if (!names_is_ours(name))
			continue;
		found = 1;
		/* the one that says that there are others goes last */
		r = remove && strcmp(name, OWNER_XATTR) != 0 ? drop(path, name) : 0;
		if (r < 0)
			return r;
	}
	r = found && remove ? drop(path, OWNER_XATTR) : 0;
	return r < 0 ? r : found;
}
