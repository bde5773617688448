/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the oracle lets a process do, and what that process sees of itself after each step: a file that both map. A step
 * belongs to the process that the last STEP_FORK made and no STEP_EXIT has ended yet.
 */
#ifndef CRED_SCRIPT_H
#define CRED_SCRIPT_H

#include <stdint.h>

#define STEPS_MAX 512
#define STEP_GROUPS 256
#define STEP_DEPTH 4 /* forks within forks */

enum step_kind {
	STEP_LOOK,
	STEP_IDS,       /* args: enum step_call, then those of the call */
	STEP_SETGROUPS, /* groups, n_groups */
	STEP_CAPSET,    /* args: effective, permitted, inheritable */
	STEP_PRCTL,     /* args: all five */
	STEP_FORK,      /* args: is it vfork(2)? Seen by the child. */
	STEP_EXIT,      /* seen by the parent */
	STEP_EXEC,      /* args: which file; does another process share the directory meanwhile? */
	STEP_KINDS
};

enum step_call {
	STEP_SETUID,
	STEP_SETGID,
	STEP_SETREUID,
	STEP_SETREGID,
	STEP_SETRESUID,
	STEP_SETRESGID,
	STEP_SETFSUID,
	STEP_SETFSGID,
	STEP_CALLS
};

/* all of it: compared as bytes */
struct seen {
	int64_t result; /* -errno */
	uint32_t uid[4], gid[4]; /* real, effective, saved, file system */
	uint64_t inheritable, permitted, effective, bounding, ambient;
	uint32_t securebits, keepcaps, no_new_privs;
	uint32_t secure, aux_uid[2], aux_gid[2]; /* in the auxiliary vector */
	uint32_t n_groups;
	uint32_t groups[STEP_GROUPS];
};

struct step {
	uint32_t kind, n_groups;
	uint64_t args[5];
	uint32_t groups[STEP_GROUPS];
	struct seen seen;
};

struct script {
	uint32_t at, n;
	struct step steps[STEPS_MAX];
};

#endif
