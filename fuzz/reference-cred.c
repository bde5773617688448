/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-cred.h"

#include <errno.h>
#include <string.h>

/* by their numbers, so that a wrong one in cred.c is not ours as well */
enum { CHOWN = 0, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, SETGID = 6, SETUID, SETPCAP, LINUX_IMMUTABLE, MKNOD = 27, MAC_OVERRIDE = 32 };
enum { NOROOT = 0, NO_SETUID_FIXUP = 2, KEEP_CAPS = 4, NO_AMBIENT_RAISE = 6, FIRST_UNPRIVILEGED = 8 };

static bool in(uint64_t set, int cap)
{
	return set >> cap & 1;
}

struct reference reference_root(uint64_t inheritable, uint64_t permitted, uint64_t effective, uint64_t bounding, uint64_t ambient)
{
	struct reference p;

	memset(&p, 0, sizeof(p));
	for (int i = 0; i < REFERENCE_CAPS; i++)
		p.cap[i] = (struct reference_cap){ in(inheritable, i), in(permitted, i), in(effective, i), in(bounding, i), in(ambient, i) };
	return p;
}

static bool is_fs_cap(int cap)
{
	return cap <= FSETID || cap == LINUX_IMMUTABLE || cap == MKNOD || cap == MAC_OVERRIDE;
}

static bool has_zero(const uint32_t id[4])
{
	return !id[REAL] || !id[EFFECTIVE] || !id[SAVED];
}

static void adjust(struct reference *p, const uint32_t old[4], bool fs_only)
{
	const uint32_t *new = p->id[0];
	bool all_left = has_zero(old) && !has_zero(new);

	if (p->bit[NO_SETUID_FIXUP])
		return;
	for (int i = 0; i < REFERENCE_CAPS; i++) {
		struct reference_cap *cap = &p->cap[i];

		if (fs_only) {
			if (is_fs_cap(i) && (old[FS] == 0) != (new[FS] == 0))
				cap->effective = new[FS] == 0 ? cap->effective || cap->permitted : false;
			continue;
		}
		if (all_left) {
			cap->ambient = false;
			cap->permitted = cap->permitted && p->bit[KEEP_CAPS];
			cap->effective = cap->effective && p->bit[KEEP_CAPS];
		}
		if ((old[EFFECTIVE] == 0) != (new[EFFECTIVE] == 0))
			cap->effective = new[EFFECTIVE] == 0 && cap->permitted;
	}
}

/* Is it one of the first n of real, effective, saved, fs? */
static bool among(const uint32_t id[4], uint32_t want, int n)
{
	for (int i = 0; i < n; i++)
		if (id[i] == want)
			return true;
	return false;
}

int64_t reference_set(struct reference *p, bool of_group, int width, const uint32_t want[3])
{
	uint32_t *id = p->id[of_group], old[4];
	bool may = p->cap[of_group ? SETGID : SETUID].effective, same = true;

	memcpy(old, id, sizeof(old));
	if (width == 1) {
		if (want[0] == UINT32_MAX)
			return -EINVAL;
		if (!may && want[0] != id[REAL] && want[0] != id[SAVED])
			return -EPERM;
		for (int i = REAL; i <= FS; i++)
			if (may || i == EFFECTIVE || i == FS)
				id[i] = want[0];
	} else if (width == 0) {
		if (want[0] != UINT32_MAX && (may || among(id, want[0], 4)))
			id[FS] = want[0];
	} else {
		/* setreuid(2) takes its real id from the first two */
		for (int i = 0; i < width; i++)
			if (want[i] != UINT32_MAX && !may && !among(old, want[i], width == 2 && i == REAL ? 2 : 3))
				return -EPERM;
		for (int i = 0; i < width; i++) {
			same = same && (want[i] == UINT32_MAX || (want[i] == old[i] && (i != EFFECTIVE || old[FS] == old[EFFECTIVE])));
			if (want[i] != UINT32_MAX)
				id[i] = want[i];
		}
		if (width == 2 && (want[REAL] != UINT32_MAX || (want[EFFECTIVE] != UINT32_MAX && want[EFFECTIVE] != old[REAL])))
			id[SAVED] = id[EFFECTIVE];
		if (width == 2 || !same)
			id[FS] = id[EFFECTIVE];
	}
	if (!of_group)
		adjust(p, old, width == 0);
	return width == 0 ? old[FS] : 0;
}

int reference_setgroups(struct reference *p, const uint32_t *groups, size_t n)
{
	if (!p->cap[SETGID].effective)
		return -EPERM;
	if (n > LIMIT_GROUPS)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (groups[i] == UINT32_MAX)
			return -EINVAL;
	p->n_groups = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		p->group[i] = groups[i];
	return 0;
}

int reference_capset(struct reference *p, uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	for (int i = 0; i < REFERENCE_CAPS; i++) {
		const struct reference_cap *cap = &p->cap[i];

		if (in(permitted, i) && !cap->permitted)
			return -EPERM;
		if (in(effective, i) && !in(permitted, i))
			return -EPERM;
		if (in(inheritable, i) && !cap->inheritable && !(cap->bounding && (cap->permitted || p->cap[SETPCAP].effective)))
			return -EPERM;
	}
	for (int i = 0; i < REFERENCE_CAPS; i++) {
		struct reference_cap *cap = &p->cap[i];

		cap->effective = in(effective, i);
		cap->permitted = in(permitted, i);
		cap->inheritable = in(inheritable, i);
		cap->ambient = cap->ambient && cap->permitted && cap->inheritable;
	}
	return 0;
}

static int set_securebits(struct reference *p, uint64_t want)
{
	bool changes = false;

	if (want >> 12)
		return -EPERM;
	for (int i = 0; i < 12; i++) {
		if (in(want, i) == p->bit[i])
			continue;
		/* a lock is odd, stands above what it locks, and stays */
		if (i % 2 ? p->bit[i] : p->bit[i + 1])
			return -EPERM;
		if (i < FIRST_UNPRIVILEGED && !p->cap[SETPCAP].effective)
			return -EPERM;
		changes = true;
	}
	if (!changes && !p->cap[SETPCAP].effective)
		return -EPERM;
	for (int i = 0; i < 12; i++)
		p->bit[i] = in(want, i);
	return 0;
}

static int ambient(struct reference *p, const uint64_t args[4])
{
	enum { IS_SET = 1, RAISE, LOWER, CLEAR_ALL };
	struct reference_cap *cap;

	if (args[2] || args[3] || (args[0] == CLEAR_ALL && args[1]))
		return -EINVAL;
	if (args[0] == CLEAR_ALL) {
		for (int i = 0; i < REFERENCE_CAPS; i++)
			p->cap[i].ambient = false;
		return 0;
	}
	if (args[0] < IS_SET || args[0] > LOWER || args[1] >= REFERENCE_CAPS)
		return -EINVAL;
	cap = &p->cap[args[1]];
	if (args[0] == IS_SET)
		return cap->ambient;
	if (args[0] == RAISE && !(cap->permitted && cap->inheritable && !p->bit[NO_AMBIENT_RAISE]))
		return -EPERM;
	cap->ambient = args[0] == RAISE;
	return 0;
}

int64_t reference_prctl(struct reference *p, int option, const uint64_t args[4])
{
	int64_t bits = 0;

	switch (option) {
	case 7: /* PR_GET_KEEPCAPS */
		return p->bit[KEEP_CAPS];
	case 8: /* PR_SET_KEEPCAPS */
		if (args[0] > 1)
			return -EINVAL;
		if (p->bit[KEEP_CAPS + 1])
			return -EPERM;
		p->bit[KEEP_CAPS] = args[0];
		return 0;
	case 23: /* PR_CAPBSET_READ */
		return args[0] < REFERENCE_CAPS ? p->cap[args[0]].bounding : -EINVAL;
	case 24: /* PR_CAPBSET_DROP */
		if (!p->cap[SETPCAP].effective)
			return -EPERM;
		if (args[0] >= REFERENCE_CAPS)
			return -EINVAL;
		p->cap[args[0]].bounding = false;
		return 0;
	case 27: /* PR_GET_SECUREBITS */
		for (int i = 0; i < 12; i++)
			bits |= (int64_t)p->bit[i] << i;
		return bits;
	case 28: /* PR_SET_SECUREBITS */
		return set_securebits(p, args[0]);
	case 47: /* PR_CAP_AMBIENT */
		return ambient(p, args);
	default:
		return -EINVAL;
	}
}

static bool is_member(const struct reference *p, uint32_t gid)
{
	bool member = gid == p->id[1][FS];

	for (uint32_t i = 0; i < p->n_groups; i++)
		member = member || p->group[i] == gid;
	return member;
}

int reference_exec(struct reference *p, const struct cred_file *file)
{
	uint32_t uid = file->set_uid && !file->no_new_privs ? file->uid : p->id[0][EFFECTIVE];
	uint32_t gid = file->set_gid && !file->no_new_privs ? file->gid : p->id[1][EFFECTIVE];
	uint32_t ruid = p->id[0][REAL], rgid = p->id[1][REAL];
	/* root's files have all capabilities, but one with capabilities of its own that makes a user root has these */
	bool root = !p->bit[NOROOT] && (uid == 0 || ruid == 0) && !(file->has_capabilities && uid == 0 && ruid != 0);
	bool effective = (file->has_capabilities && file->effective) || (root && uid == 0);
	bool transition = uid != p->id[0][EFFECTIVE] || !is_member(p, gid), gains = false, more = false, setuid = p->cap[SETUID].effective;
	bool permitted[REFERENCE_CAPS];

	for (int i = 0; i < REFERENCE_CAPS; i++) {
		struct reference_cap *cap = &p->cap[i];
		bool own = file->has_capabilities && ((cap->bounding && in(file->permitted, i)) || (cap->inheritable && in(file->inheritable, i)));

		if (file->has_capabilities && file->effective && in(file->permitted, i) && !own)
			return -EPERM;
		permitted[i] = root ? cap->bounding || cap->inheritable : own;
		gains = gains || (permitted[i] && !cap->permitted);
	}
	if ((file->no_new_privs || file->observed) && (transition || gains)) {
		for (int i = 0; i < REFERENCE_CAPS; i++)
			permitted[i] = permitted[i] && p->cap[i].permitted;
		if (file->no_new_privs || !setuid) {
			uid = ruid;
			gid = rgid;
		}
	}
	for (int i = 0; i < REFERENCE_CAPS; i++) {
		struct reference_cap *cap = &p->cap[i];

		cap->ambient = cap->ambient && !transition && !file->has_capabilities;
		cap->permitted = permitted[i] || cap->ambient;
		cap->effective = effective ? cap->permitted : cap->ambient;
		more = more || cap->permitted != cap->ambient;
	}
	p->bit[KEEP_CAPS] = false;
	for (int i = EFFECTIVE; i <= FS; i++) {
		p->id[0][i] = uid;
		p->id[1][i] = gid;
	}
	return transition || uid != ruid || gid != rgid || (ruid != 0 && (effective || more));
}

struct cred reference_shown(const struct reference *p)
{
	struct cred c = {
		.ruid = p->id[0][REAL], .euid = p->id[0][EFFECTIVE], .suid = p->id[0][SAVED], .fsuid = p->id[0][FS],
		.rgid = p->id[1][REAL], .egid = p->id[1][EFFECTIVE], .sgid = p->id[1][SAVED], .fsgid = p->id[1][FS],
	};

	for (int i = 0; i < REFERENCE_CAPS; i++) {
		c.inheritable |= (uint64_t)p->cap[i].inheritable << i;
		c.permitted |= (uint64_t)p->cap[i].permitted << i;
		c.effective |= (uint64_t)p->cap[i].effective << i;
		c.bounding |= (uint64_t)p->cap[i].bounding << i;
		c.ambient |= (uint64_t)p->cap[i].ambient << i;
	}
	for (int i = 0; i < 12; i++)
		c.securebits |= (uint32_t)p->bit[i] << i;
	c.n_groups = p->n_groups;
	/* the place of each is the number of smaller ones, and of equal ones before it */
	for (uint32_t i = 0; i < p->n_groups; i++) {
		uint32_t place = 0;

		for (uint32_t k = 0; k < p->n_groups; k++)
			place += p->group[k] < p->group[i] || (k < i && p->group[k] == p->group[i]);
		c.groups[place] = p->group[i];
	}
	return c;
}

bool reference_is_valid(const struct cred *c)
{
	const uint32_t *ids = &c->ruid;

	for (int i = 0; i < 64; i++) {
		if (i >= REFERENCE_CAPS && (in(c->permitted, i) || in(c->bounding, i) || in(c->inheritable, i)))
			return false;
		if ((in(c->effective, i) && !in(c->permitted, i)) || (in(c->ambient, i) && !(in(c->permitted, i) && in(c->inheritable, i))))
			return false;
	}
	for (int i = 0; i < 8; i++)
		if (ids[i] == UINT32_MAX)
			return false;
	if (c->securebits >= 1 << 12 || c->n_groups > LIMIT_GROUPS)
		return false;
	for (uint32_t i = 0; i < LIMIT_GROUPS; i++)
		if (i >= c->n_groups ? c->groups[i] : c->groups[i] == UINT32_MAX || (i && c->groups[i] < c->groups[i - 1]))
			return false;
	return true;
}
