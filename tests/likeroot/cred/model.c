/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include <errno.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>

_Static_assert(STEP_GROUPS == LIMIT_GROUPS, "the groups of a step are those of a process");

struct process *model_current(struct model *m)
{
	return &m->processes[m->depth];
}

void model_begin(struct model *m, const struct seen *first)
{
	struct process *p = &m->processes[0];
	struct cred *c = &p->cred;

	memset(m, 0, sizeof(*m));
	*c = cred_root(first->inheritable, first->permitted, first->effective, first->bounding, first->ambient);
	c->ruid = first->uid[0], c->euid = first->uid[1], c->suid = first->uid[2], c->fsuid = first->uid[3];
	c->rgid = first->gid[0], c->egid = first->gid[1], c->sgid = first->gid[2], c->fsgid = first->gid[3];
	c->securebits = first->securebits;
	c->n_groups = first->n_groups;
	memcpy(c->groups, first->groups, sizeof(c->groups));
	p->no_new_privs = first->no_new_privs;
	p->secure = first->secure;
	memcpy(p->aux_uid, first->aux_uid, sizeof(p->aux_uid));
	memcpy(p->aux_gid, first->aux_gid, sizeof(p->aux_gid));
}

static int64_t set_ids(struct cred *c, const uint64_t args[static 4])
{
	static const enum cred_call calls[STEP_CALLS] = {
		[STEP_SETUID] = CRED_SETUID, [STEP_SETGID] = CRED_SETGID,
		[STEP_SETREUID] = CRED_SETREUID, [STEP_SETREGID] = CRED_SETREGID,
		[STEP_SETRESUID] = CRED_SETRESUID, [STEP_SETRESGID] = CRED_SETRESGID,
		[STEP_SETFSUID] = CRED_SETFSUID, [STEP_SETFSGID] = CRED_SETFSGID,
	};

	return cred_set_ids(c, calls[args[0]], (uint32_t[]){ (uint32_t)args[1], (uint32_t)args[2], (uint32_t)args[3] });
}

static int64_t do_prctl(struct process *p, const uint64_t args[static 5])
{
	if (args[0] == PR_SET_NO_NEW_PRIVS) {
		p->no_new_privs = true;
		return 0;
	}
	if (!cred_has_prctl((int)args[0]))
		return -EINVAL;
	return cred_prctl(&p->cred, (int)args[0], args + 1);
}

static int64_t execute(struct process *p, const uint64_t args[static 2], struct oracle_counts *counts)
{
	struct cred_file file = oracle_files[args[0]];
	int r;

	file.no_new_privs = p->no_new_privs;
	file.observed = args[1] != 0;
	counts->execs++;
	counts->shared += file.observed;
	counts->restricted += file.no_new_privs;
	r = cred_exec(&p->cred, &file);
	if (r < 0) {
		counts->execs_refused++;
		return r;
	}
	counts->secure += r != 0;
	counts->ambient += p->cred.ambient != 0;
	p->secure = (uint32_t)r;
	p->aux_uid[0] = p->cred.ruid, p->aux_uid[1] = p->cred.euid;
	p->aux_gid[0] = p->cred.rgid, p->aux_gid[1] = p->cred.egid;
	return 0;
}

static struct seen look(const struct process *p, int64_t result)
{
	const struct cred *c = &p->cred;
	struct seen seen;

	memset(&seen, 0, sizeof(seen));
	seen = (struct seen){
		.result = result,
		.uid = { c->ruid, c->euid, c->suid, c->fsuid },
		.gid = { c->rgid, c->egid, c->sgid, c->fsgid },
		.inheritable = c->inheritable,
		.permitted = c->permitted,
		.effective = c->effective,
		.bounding = c->bounding,
		.ambient = c->ambient,
		.securebits = c->securebits,
		.keepcaps = (c->securebits & SECBIT_KEEP_CAPS) != 0,
		.no_new_privs = p->no_new_privs,
		.secure = p->secure,
		.aux_uid = { p->aux_uid[0], p->aux_uid[1] },
		.aux_gid = { p->aux_gid[0], p->aux_gid[1] },
		.n_groups = c->n_groups,
	};
	memcpy(seen.groups, c->groups, sizeof(seen.groups));
	return seen;
}

struct seen model_step(struct model *m, const struct step *step, struct oracle_counts *counts)
{
	struct process *p = model_current(m);
	const uint64_t *args = step->args;
	int64_t r = 0;

	switch ((enum step_kind)step->kind) {
	case STEP_LOOK:
	case STEP_KINDS:
		break;
	case STEP_IDS:
		r = set_ids(&p->cred, args);
		break;
	case STEP_SETGROUPS:
		r = cred_setgroups(&p->cred, step->groups, step->n_groups);
		break;
	case STEP_CAPSET:
		r = cred_capset(&p->cred, args[0], args[1], args[2]);
		break;
	case STEP_PRCTL:
		r = do_prctl(p, args);
		break;
	case STEP_FORK:
		m->processes[++m->depth] = *p;
		counts->forks++;
		break;
	case STEP_EXIT:
		m->depth--;
		break;
	case STEP_EXEC:
		r = execute(p, args, counts);
		break;
	}
	counts->steps++;
	counts->failed += r < 0;
	p = model_current(m);
	/* no kernel answers so */
	return look(p, cred_is_valid(&p->cred) ? r : INT64_MIN);
}
