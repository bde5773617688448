/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes files on behalf of tasks, where the kernel would give them another owner than they have to have: by the directory's descriptor and
 * a name in it. Each is recorded before a look at it is answered; see object/pending.h.
 */
#ifndef HANDLE_CREATE_FILE_H
#define HANDLE_CREATE_FILE_H

#include <stdbool.h>

#include "base/util.h"

struct cred;
struct request;
struct task;
struct verdict;

/* Does it make a device, that is, a placeholder? A task that may not is refused by the kernel. */
bool create_is_device(const struct request *req) MUST_CHECK;

/* Is it a call that makes something here: not "..", not the name of a directory for something else? */
bool create_is_possible(const struct request *req) MUST_CHECK;

/*
 * For a task whose files are root's: false when nothing tells that the kernel would not make the file as it has to be, and v says that it
 * shall do it. True: look closer, with create_file().
 */
bool create_probe(const struct task *t, const struct request *req, struct verdict *v) MUST_CHECK;

/* Makes it with the actor as its owner. */
void create_file(const struct task *t, const struct request *req, const struct cred *actor, struct verdict *v);

#endif
