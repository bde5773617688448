/* SPDX-License-Identifier: Apache-2.0 */
/* Makes one object in a directory that is open, and records its owner; see handle/handle.h. */
#ifndef CREATE_MAKE_H
#define CREATE_MAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/util.h"
#include "rule/acl.h"
#include "rule/device.h"
#include "rule/newfile.h"
#include "rule/owner.h"

struct request;
struct task;

struct creation {
	const struct task *t;
	const struct request *req;
	const struct cred *actor;
	uint32_t type;            /* S_IFMT bits of what it makes */
	struct device device;     /* that it shall stand for */
	int socket;               /* a duplicate of what is to be bound, or -1 */
	int dir;                  /* where, opened with O_PATH */
	struct statx at;          /* what that is */
	struct newfile_path path; /* the name there */
	struct owner owner;
	uint32_t mode;
	struct acl inherited;     /* the directory's default ACL */
	int64_t began;            /* by CLOCK_BOOTTIME */
	bool resumed;             /* a worker that has died may have made this very object */
	bool is_kernels;          /* the kernel makes it as it has to be */
};

/* Does the call return a descriptor, ... */
bool make_opens(const struct request *req);

/* ... does it give a socket its address, ... */
bool make_binds(const struct request *req);

/* ... or make a file without a name? */
bool make_is_nameless(const struct request *req);

/* Makes and records it: 0, the file's descriptor, or -errno. */
int make_object(struct creation *c) MUST_CHECK;

/* Takes it away again, if it is still there. */
void make_undo(const struct creation *c, int fd);

#endif
