/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials of a process, and what each call does to them: a pure state machine with the rules of the kernel,
 * credentials(7), capabilities(7). Ids are those of the container; a capability set has bit CAP_x for each capability.
 * A call that fails changes nothing.
 */
#ifndef RULE_CRED_H
#define RULE_CRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/util.h"

/* As an argument: keep. No id has this value. */
#define CRED_KEEP UINT32_MAX

/* Compared and hashed as bytes: there is no padding, and what is behind the last group is 0. */
struct cred {
	uint32_t ruid, euid, suid, fsuid;
	uint32_t rgid, egid, sgid, fsgid;
	uint64_t inheritable, permitted, effective, bounding, ambient;
	uint32_t securebits;
	uint32_t n_groups;
	uint32_t groups[LIMIT_GROUPS]; /* ascending, as the kernel keeps them */
};

enum cred_call {
	CRED_SETUID,
	CRED_SETGID,
	CRED_SETREUID,
	CRED_SETREGID,
	CRED_SETRESUID,
	CRED_SETRESGID,
	CRED_SETFSUID,
	CRED_SETFSGID,
	CRED_CALL_COUNT
};

/* A file as execve(2) sees it. On a nosuid mount its bits and capabilities do not count: the caller leaves them out. */
struct cred_file {
	bool set_uid, set_gid;
	uint32_t uid, gid;               /* its owner */
	bool has_capabilities;           /* the rest is that of the file, else 0; capabilities(7) */
	bool effective;                  /* its effective bit */
	uint64_t permitted, inheritable;
	bool no_new_privs;               /* of who executes it */
	bool observed;                   /* by a tracer that lacks CAP_SYS_PTRACE, or another process shares its root and directory */
};

/* Root with these sets and no supplementary groups. */
struct cred cred_root(uint64_t inheritable, uint64_t permitted, uint64_t effective, uint64_t bounding, uint64_t ambient);

/* Could these be the credentials of a process: no id is CRED_KEEP, groups in order, sets and bits that exist? */
bool cred_is_valid(const struct cred *c) MUST_CHECK;

bool cred_equal(const struct cred *a, const struct cred *b) MUST_CHECK;

bool cred_in_group(const struct cred *c, uint32_t gid) MUST_CHECK;

bool cred_capable(const struct cred *c, int capability) MUST_CHECK;

/*
 * The set*id calls. ids: as many as the call takes, in its order. 0; of CRED_SETFSUID and CRED_SETFSGID the old id;
 * -EPERM, -EINVAL.
 */
int64_t cred_set_ids(struct cred *c, enum cred_call call, const uint32_t ids[static 3]) MUST_CHECK;

/* groups in any order. 0; -EPERM; -EINVAL above LIMIT_GROUPS. */
int cred_setgroups(struct cred *c, const uint32_t *groups, size_t n) MUST_CHECK;

/* capset(2) on oneself. 0; -EPERM. */
int cred_capset(struct cred *c, uint64_t effective, uint64_t permitted, uint64_t inheritable) MUST_CHECK;

/* Does prctl(2) with this option read or change what stands in a struct cred? */
bool cred_has_prctl(int option) MUST_CHECK;

/* Such a call: its result, or -errno. */
int64_t cred_prctl(struct cred *c, int option, const uint64_t args[static 4]) MUST_CHECK;

/* execve(2) of the file: 1 when AT_SECURE is to be set, else 0; -EPERM. */
int cred_exec(struct cred *c, const struct cred_file *file) MUST_CHECK;

#endif
