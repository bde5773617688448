/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory_fs.h"

#include <fcntl.h>
#include <mntent.h>
#include <string.h>

#include "object/identity.h"
#include "object/object.h"

bool memory_fs_find(uint64_t systems[static MEMORY_FS_MAX], size_t *n)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;

	*n = 0;
	if (!mounts)
		return false;
	while ((m = getmntent(mounts)) != NULL && *n < MEMORY_FS_MAX) {
		auto_fd fd = strcmp(m->mnt_type, "tmpfs") == 0 || strcmp(m->mnt_type, "ramfs") == 0 ? open(m->mnt_dir, O_PATH | O_CLOEXEC) : -1;
		struct statx stx;

		if (fd >= 0 && object_stat(fd, &stx) == 0)
			systems[(*n)++] = identity_of(fd, &stx).key.fs;
	}
	endmntent(mounts);
	return *n < MEMORY_FS_MAX;
}
