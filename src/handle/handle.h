/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel would do for each group of calls: from a request to a verdict. A handler sees the caller as a struct task only, and uses
 * neither its pid nor its notification nor an address in it.
 */
#ifndef HANDLE_HANDLE_H
#define HANDLE_HANDLE_H

#include <errno.h>

#include "cred/repeat.h"
#include "path/lookup.h"
#include "path/resolve.h"
#include "reply/verdict.h"

struct request;
struct task;

/* those of a group that was left out are NULL: see base/groups.h */
#ifdef WITHOUT
#define HANDLER(name, ...) __attribute__((weak)) void handle_##name(struct task *t, const struct request *req, struct verdict *v);
#else
#define HANDLER(name, ...) void handle_##name(struct task *t, const struct request *req, struct verdict *v);
#endif
#include "decode/handlers.def"
#undef HANDLER

/* The answer where a lookup has found nothing of ours. */
static inline void answer_lookup(struct verdict *v, enum lookup answer, enum reason reason)
{
	if (answer == LOOKUP_MISSING)
		verdict_errno(v, REASON_path, -ENOENT);
	else if (answer == LOOKUP_UNREAD)
		verdict_errno(v, REASON_store_unread, -EIO);
	else
		verdict_continue(v, answer == LOOKUP_NONE ? REASON_no_override : reason);
}

/* resolve_open(). False: v has the answer. */
static inline bool open_object(const struct task *t, const struct request *req, int *fd, struct verdict *v)
{
	int r = resolve_open(t, req, fd);

	if (r < 0)
		verdict_errno(v, REASON_path, r);
	else if (r > 0)
		verdict_continue(v, (enum reason)r);
	return r == 0;
}

/* The same for a call that changes nothing, and only where something of ours may be recorded for the object. */
static inline bool open_recorded(const struct task *t, const struct request *req, int *fd, struct verdict *v)
{
	enum reason reason;
	enum lookup answer = lookup_any(t, req, &reason);

	if (answer != LOOKUP_OWNER)
		answer_lookup(v, answer, reason);
	return answer == LOOKUP_OWNER && open_object(t, req, fd, v);
}

/* ids.c: lets the call change the credentials of the caller's process; v: its result, or that the kernel shall answer. */
void ids_change(struct task *t, const struct request *req, credentials_change *change, struct verdict *v);

/* acl.c: the POSIX ACL, in v->bytes: its length, or -ENODATA where none is stored. */
ssize_t acl_read(int fd, const char *name, struct verdict *v);

/* Sets the POSIX ACL in req, or removes it, of an object that nobody changes meanwhile. */
void acl_change(const struct task *t, int fd, const struct statx *stx, const struct cred *actor, const struct request *req, struct verdict *v);

/* create_file.c: does the call make a device, that is, a placeholder? A task that may not is refused by the kernel. */
bool create_is_device(const struct request *req) MUST_CHECK;

/* Is it a call that makes something here: not "..", not the name of a directory for something else? */
bool create_is_possible(const struct request *req) MUST_CHECK;

/*
 * For a task whose files are root's: false when nothing tells that the kernel would not make the file as it has to be, and v says that it
 * shall do it. True: look closer, with create_file().
 */
bool create_probe(const struct task *t, const struct request *req, struct verdict *v) MUST_CHECK;

/* Makes the file with the actor as its owner. */
void create_file(const struct task *t, const struct request *req, const struct cred *actor, struct verdict *v);

#endif
