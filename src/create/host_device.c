/* SPDX-License-Identifier: Apache-2.0 */
#include "create/host_device.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/util.h"
#include "rule/device.h"

#define MEMORY_MAJOR 1 /* MEM_MAJOR of linux/major.h */

static struct node {
	uint32_t minor;
	const char *path;
	int fd;
} nodes[] = {
	{ 3, "/dev/null", -1 }, { 5, "/dev/zero", -1 }, { 7, "/dev/full", -1 }, { 8, "/dev/random", -1 }, { 9, "/dev/urandom", -1 },
};

void host_device_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		struct stat st;

		nodes[i].fd = open(nodes[i].path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (nodes[i].fd >= 0 && fstat(nodes[i].fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(MEMORY_MAJOR, nodes[i].minor))
			continue;
		replace_fd(&nodes[i].fd, -1);
		log_debug("%s is not there: containers cannot open their own", nodes[i].path);
	}
}

int host_device_open(const struct device *device, uint64_t flags)
{
	/* the rest is about the name, or about files that may be new; O_NOATIME is for owners only */
	const uint64_t not_for_nodes = O_CREAT | O_EXCL | O_TRUNC | O_NOFOLLOW | O_DIRECTORY | O_NOATIME;
	char link[FD_LINK_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		if (!S_ISCHR(device->type) || device->major != MEMORY_MAJOR || device->minor != nodes[i].minor || nodes[i].fd < 0)
			continue;
		/* of the host's /proc, which is the current directory */
		fd_link(link, "", nodes[i].fd);
		return sys_openat2(AT_FDCWD, link, flags & ~not_for_nodes, 0, 0);
	}
	return -ENXIO;
}
