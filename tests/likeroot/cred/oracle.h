/* SPDX-License-Identifier: Apache-2.0 */
/* src/rule/cred.c against the kernel: both do the same scripts, and have to see the same after each step. */
#ifndef CRED_ORACLE_H
#define CRED_ORACLE_H

#include <stdbool.h>

#include "rule/cred.h"
#include "script.h"

#define FILE_COUNT 40

/* of the processes, and of owners of files */
#define IDS 4
extern const uint32_t oracle_ids[IDS];

struct oracle_counts {
	uint64_t steps, failed, forks, execs, execs_refused, secure, shared, restricted, ambient;
};

/* model.c: the other side of a script, by cred.c */
struct process {
	struct cred cred;
	bool no_new_privs;
	uint32_t secure, aux_uid[2], aux_gid[2];
};

struct model {
	struct process processes[STEP_DEPTH + 1]; /* each the child of the one before it */
	int depth;
};

struct process *model_current(struct model *m);
void model_begin(struct model *m, const struct seen *first);
/* What is to be seen after the step. */
struct seen model_step(struct model *m, const struct step *step, struct oracle_counts *counts);

/* files.c: what is executed, each with another combination of owner, bits and capabilities */
extern struct cred_file oracle_files[FILE_COUNT];
void files_describe(void);
/* Makes them in the current directory as copies of the program. NULL, or what failed. */
const char *files_make(int program);

/* random.c */
void random_seed(uint64_t seed);
uint64_t random_below(uint64_t n);
/* A step that the process can do, for a script with so many steps left. */
void random_step(struct step *step, const struct model *m, uint32_t left);

/* reach.c: every state of a few ids that can be reached from the first one, and every call in each. False: they differ. */
bool reach_all(bool of_group, uint32_t *states, uint32_t *transitions);

/* oracle.c: does it on both sides. False: they differ, or it could not be done; printed which. */
extern struct script *oracle_script;
extern struct seen oracle_first;
bool oracle_run(const struct seen *expected);

#endif
