/* SPDX-License-Identifier: Apache-2.0 */
#include "object/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "object/identity.h"
#include "object/object.h"
#include "object/owner_store.h"

/* /dev/ptmx, and "ptmx" of each devpts: devices.txt of the kernel. */
#define PTMX_MAJOR 5
#define PTMX_MINOR 2

static int defaults_of(int fd, struct record *record)
{
	struct statx stx;
	int r = object_stat(fd, &stx);

	if (r == 0) {
		*record = identity_of(fd, &stx);
		record->key.ino = RECORD_OF_FILE_SYSTEM;
	}
	return r;
}

int terminal_defaults_set(int root, struct owner owner)
{
	struct record record;
	int r = defaults_of(root, &record);

	record.owner = owner;
	return r < 0 ? r : owner_store_set(root, &record);
}

int terminal_defaults_get(int terminal, struct owner *owner)
{
	struct record record;
	int r;

	*owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	if (!owner_store_in_use())
		return 0;
	r = defaults_of(terminal, &record);
	if (r == 0)
		r = owner_store_find_of_file_system(&record.key, owner);
	return r < 0 ? r : 0;
}

/* A file that was opened as this device has its driver behind it, whatever else the container makes: no other file answers our ioctls. */
static bool is_ptmx(int fd)
{
	struct statx stx;

	return object_statx(fd, AT_STATX_DONT_SYNC, STATX_TYPE, &stx) == 0 && S_ISCHR(stx.stx_mode) &&
	       stx.stx_rdev_major == PTMX_MAJOR && stx.stx_rdev_minor == PTMX_MINOR;
}

int terminal_open_new(int ptmx)
{
	int locked, fd;

	if (!is_ptmx(ptmx))
		return -ENOTTY;
	if (ioctl(ptmx, TIOCGPTLCK, &locked) < 0)
		return -errno;
	if (!locked)
		return -EBUSY;
	fd = ioctl(ptmx, TIOCGPTPEER, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
