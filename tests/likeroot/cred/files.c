/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define BIT(n) (1ULL << (n))

struct cred_file oracle_files[FILE_COUNT];

/* one of the ids, of low numbers the more common ones */
static uint32_t owner(unsigned int n)
{
	return oracle_ids[n % 4 == 3 ? 2 : n % 4 == 2 ? 0 : n % 4];
}

/* The first is plain; then come set-id files of all owners, then those with capabilities, some with both. */
void files_describe(void)
{
	static const uint64_t sets[] = {
		0, BIT(CAP_NET_RAW), BIT(CAP_SETUID) | BIT(CAP_SETGID), BIT(CAP_CHOWN) | BIT(CAP_SETPCAP), BIT(40) | BIT(CAP_MAC_OVERRIDE),
		BIT(CAP_SYS_RESOURCE), BIT(CAP_SETUID) | BIT(CAP_SETPCAP) | BIT(CAP_DAC_OVERRIDE), BIT(41) - 1,
	};

	memset(oracle_files, 0, sizeof(oracle_files));
	for (unsigned int i = 1; i < FILE_COUNT; i++) {
		struct cred_file *file = &oracle_files[i];

		file->uid = owner(i / 3);
		file->gid = owner(i / 2 + 1);
		file->set_uid = i % 3 != 1 && (i < 16 || i % 2);
		file->set_gid = i % 3 != 2 && (i < 16 || i % 4 == 1);
		if (i < 16)
			continue;
		file->has_capabilities = true;
		file->effective = i / 2 % 2;
		file->permitted = sets[i % 8];
		file->inheritable = sets[(i * 3 + i / 8) % 8];
	}
}

static int set_capabilities(int fd, const struct cred_file *file)
{
	struct vfs_cap_data data = {
		.magic_etc = VFS_CAP_REVISION_2 | (file->effective ? VFS_CAP_FLAGS_EFFECTIVE : 0),
		.data = {
			{ (uint32_t)file->permitted, (uint32_t)file->inheritable },
			{ (uint32_t)(file->permitted >> 32), (uint32_t)(file->inheritable >> 32) },
		},
	};

	return fsetxattr(fd, "security.capability", &data, sizeof(data), 0);
}

static int make(int from, off_t size, int i)
{
	const struct cred_file *file = &oracle_files[i];
	/* without the group's right to execute it has another meaning: it does not count, in a group that nobody is in */
	bool locks = !file->set_gid && i % 2;
	mode_t mode = (locks ? 02705 : 0715) | (file->set_uid ? S_ISUID : 0) | (file->set_gid ? S_ISGID : 0);
	char name[16];
	off_t at = 0;
	int fd, r;

	snprintf(name, sizeof(name), "%d", i);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0)
		return -1;
	r = sendfile(fd, from, &at, (size_t)size) == size ? 0 : -1;
	if (r == 0)
		r = fchown(fd, file->uid, locks ? 99 : file->gid);
	if (r == 0)
		r = fchmod(fd, mode);
	if (r == 0 && file->has_capabilities)
		r = set_capabilities(fd, file);
	close(fd);
	return r;
}

const char *files_make(int program)
{
	static char why[128];
	struct stat st;

	if (fstat(program, &st) != 0)
		return "the program is not there";
	for (int i = 0; i < FILE_COUNT; i++)
		if (make(program, st.st_size, i) != 0) {
			snprintf(why, sizeof(why), "file %d: %s", i, strerror(errno));
			return why;
		}
	return NULL;
}
