/* SPDX-License-Identifier: Apache-2.0 */
#include "object/xattr_file.h"

#include <errno.h>
#include <sys/stat.h>

#include "object/identity.h"
#include "object/object.h"
#include "object/owner_store.h"

bool xattr_file_in_use(void)
{
	return owner_store_has_xattrs();
}

int xattr_file_open(int fd, bool makes)
{
	struct record record;
	struct statx stx;
	int r = object_stat(fd, &stx);

	if (r < 0)
		return r;
	if (!makes && (!owner_store_has_xattrs() || !owner_store_may_know(stx.stx_ino, identity_birth(&stx))))
		return -ENODATA;
	/* what shows an owner of its own would need a record of that */
	if (makes && !owner_equal(object_host_owner(&stx), object_self()))
		return -EPERM;
	record = identity_of(fd, &stx);
	record.owner = makes ? (struct owner){ 0, 0 } : (struct owner){ OWNER_NONE, OWNER_NONE };
	return owner_store_open_xattrs(fd, &record);
}
