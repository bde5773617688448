/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/cred.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>

#define BIT(n) (1ULL << (n))
#define CAP_ALL (BIT(CAP_LAST_CAP + 1) - 1)

/* what the effective set loses and gains with fsuid 0 */
#define CAP_FS (BIT(CAP_CHOWN) | BIT(CAP_MKNOD) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | \
	BIT(CAP_FSETID) | BIT(CAP_MAC_OVERRIDE) | BIT(CAP_LINUX_IMMUTABLE))

/* SECBIT_EXEC_RESTRICT_FILE and SECBIT_EXEC_DENY_INTERACTIVE, of Linux 6.14; the lock of each bit is the one above it */
#define SECURE_UNPRIVILEGED (BIT(8) | BIT(10))
#define SECURE_BITS (BIT(SECURE_NOROOT) | BIT(SECURE_NO_SETUID_FIXUP) | BIT(SECURE_KEEP_CAPS) | \
	BIT(SECURE_NO_CAP_AMBIENT_RAISE) | SECURE_UNPRIVILEGED)
#define SECURE_LOCKS (SECURE_BITS << 1)

/* the user ids or the group ids */
struct ids {
	uint32_t r, e, s, fs;
};

static bool is_subset(uint64_t a, uint64_t b)
{
	return (a & ~b) == 0;
}

static bool has(const struct cred *c, int securebit)
{
	return c->securebits & BIT(securebit);
}

struct cred cred_root(uint64_t inheritable, uint64_t permitted, uint64_t effective, uint64_t bounding, uint64_t ambient)
{
	return (struct cred){
		.inheritable = inheritable,
		.permitted = permitted,
		.effective = effective,
		.bounding = bounding,
		.ambient = ambient,
	};
}

bool cred_is_valid(const struct cred *c)
{
	uint32_t ids[] = { c->ruid, c->euid, c->suid, c->fsuid, c->rgid, c->egid, c->sgid, c->fsgid };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (ids[i] == CRED_KEEP)
			return false;
	if (c->n_groups > LIMIT_GROUPS)
		return false;
	for (size_t i = 0; i < c->n_groups; i++)
		if (c->groups[i] == CRED_KEEP || (i > 0 && c->groups[i - 1] > c->groups[i]))
			return false;
	for (size_t i = c->n_groups; i < LIMIT_GROUPS; i++)
		if (c->groups[i] != 0)
			return false;
	return is_subset(c->inheritable | c->permitted | c->bounding, CAP_ALL) && is_subset(c->effective, c->permitted) &&
		is_subset(c->ambient, c->permitted & c->inheritable) && is_subset(c->securebits, SECURE_BITS | SECURE_LOCKS);
}

bool cred_equal(const struct cred *a, const struct cred *b)
{
	_Static_assert(sizeof(struct cred) == 8 * 4 + 5 * 8 + 2 * 4 + LIMIT_GROUPS * 4, "there is padding");
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool cred_in_group(const struct cred *c, uint32_t gid)
{
	if (gid == c->fsgid)
		return true;
	for (size_t i = 0; i < c->n_groups; i++)
		if (c->groups[i] == gid)
			return true;
	return false;
}

bool cred_capable(const struct cred *c, int capability)
{
	return capability >= 0 && capability <= CAP_LAST_CAP && c->effective & BIT(capability);
}

static int set_id(struct ids *id, bool privileged, uint32_t want)
{
	if (want == CRED_KEEP)
		return -EINVAL;
	if (privileged)
		id->r = id->s = want;
	else if (want != id->r && want != id->s)
		return -EPERM;
	id->e = id->fs = want;
	return 0;
}

static int set_re_ids(struct ids *id, bool privileged, uint32_t r, uint32_t e)
{
	struct ids old = *id;

	if (r != CRED_KEEP && r != old.r && r != old.e && !privileged)
		return -EPERM;
	if (e != CRED_KEEP && e != old.r && e != old.e && e != old.s && !privileged)
		return -EPERM;
	if (r != CRED_KEEP)
		id->r = r;
	if (e != CRED_KEEP)
		id->e = e;
	if (r != CRED_KEEP || (e != CRED_KEEP && e != old.r))
		id->s = id->e;
	id->fs = id->e;
	return 0;
}

static int set_res_ids(struct ids *id, bool privileged, const uint32_t want[static 3])
{
	struct ids old = *id;
	uint32_t *to[] = { &id->r, &id->e, &id->s };

	/* nothing to do, not even for the fs id, which need not be the effective one */
	if ((want[0] == CRED_KEEP || want[0] == old.r) && (want[1] == CRED_KEEP || (want[1] == old.e && want[1] == old.fs)) &&
	    (want[2] == CRED_KEEP || want[2] == old.s))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(to); i++)
		if (want[i] != CRED_KEEP && want[i] != old.r && want[i] != old.e && want[i] != old.s && !privileged)
			return -EPERM;
	for (size_t i = 0; i < ARRAY_SIZE(to); i++)
		if (want[i] != CRED_KEEP)
			*to[i] = want[i];
	id->fs = id->e;
	return 0;
}

static uint32_t set_fs_id(struct ids *id, bool privileged, uint32_t want)
{
	uint32_t old = id->fs;

	if (want != CRED_KEEP && (want == id->r || want == id->e || want == id->s || privileged))
		id->fs = want;
	return old;
}

static bool any_is_root(const struct ids *uid)
{
	return uid->r == 0 || uid->e == 0 || uid->s == 0;
}

static void follow_uids(struct cred *c, const struct ids *old, const struct ids *new)
{
	if (any_is_root(old) && !any_is_root(new)) {
		if (!has(c, SECURE_KEEP_CAPS))
			c->permitted = c->effective = 0;
		c->ambient = 0;
	}
	if (old->e == 0 && new->e != 0)
		c->effective = 0;
	if (old->e != 0 && new->e == 0)
		c->effective = c->permitted;
}

static void follow_fsuid(struct cred *c, const struct ids *old, const struct ids *new)
{
	if (old->fs == 0 && new->fs != 0)
		c->effective &= ~CAP_FS;
	if (old->fs != 0 && new->fs == 0)
		c->effective |= c->permitted & CAP_FS;
}

int64_t cred_set_ids(struct cred *c, enum cred_call call, const uint32_t ids[static 3])
{
	bool of_group = call == CRED_SETGID || call == CRED_SETREGID || call == CRED_SETRESGID || call == CRED_SETFSGID;
	bool privileged = cred_capable(c, of_group ? CAP_SETGID : CAP_SETUID);
	struct ids old = of_group ? (struct ids){ c->rgid, c->egid, c->sgid, c->fsgid }
				  : (struct ids){ c->ruid, c->euid, c->suid, c->fsuid };
	struct ids new = old;
	int64_t r = -EINVAL;

	if (call == CRED_SETUID || call == CRED_SETGID)
		r = set_id(&new, privileged, ids[0]);
	if (call == CRED_SETREUID || call == CRED_SETREGID)
		r = set_re_ids(&new, privileged, ids[0], ids[1]);
	if (call == CRED_SETRESUID || call == CRED_SETRESGID)
		r = set_res_ids(&new, privileged, ids);
	if (call == CRED_SETFSUID || call == CRED_SETFSGID)
		r = set_fs_id(&new, privileged, ids[0]);
	if (r < 0)
		return r;
	if (of_group) {
		c->rgid = new.r, c->egid = new.e, c->sgid = new.s, c->fsgid = new.fs;
		return r;
	}
	c->ruid = new.r, c->euid = new.e, c->suid = new.s, c->fsuid = new.fs;
	if (!has(c, SECURE_NO_SETUID_FIXUP))
		(call == CRED_SETFSUID ? follow_fsuid : follow_uids)(c, &old, &new);
	return r;
}

int cred_setgroups(struct cred *c, const uint32_t *groups, size_t n)
{
	uint32_t sorted[LIMIT_GROUPS] = { 0 };

	if (!cred_capable(c, CAP_SETGID))
		return -EPERM;
	if (n > LIMIT_GROUPS)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		if (groups[i] == CRED_KEEP)
			return -EINVAL;
		for (; at > 0 && sorted[at - 1] > groups[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = groups[i];
	}
	memcpy(c->groups, sorted, sizeof(sorted));
	c->n_groups = (uint32_t)n;
	return 0;
}

int cred_capset(struct cred *c, uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	/* the kernel leaves out what it does not know without a word */
	effective &= CAP_ALL, permitted &= CAP_ALL, inheritable &= CAP_ALL;
	if (!cred_capable(c, CAP_SETPCAP) && !is_subset(inheritable, c->inheritable | c->permitted))
		return -EPERM;
	if (!is_subset(inheritable, c->inheritable | c->bounding))
		return -EPERM;
	if (!is_subset(permitted, c->permitted) || !is_subset(effective, permitted))
		return -EPERM;
	c->effective = effective;
	c->permitted = permitted;
	c->inheritable = inheritable;
	c->ambient &= permitted & inheritable;
	return 0;
}

bool cred_has_prctl(int option)
{
	return option == PR_CAPBSET_READ || option == PR_CAPBSET_DROP || option == PR_GET_SECUREBITS ||
		option == PR_SET_SECUREBITS || option == PR_GET_KEEPCAPS || option == PR_SET_KEEPCAPS || option == PR_CAP_AMBIENT;
}

static int drop_bounding(struct cred *c, uint64_t capability)
{
	if (!cred_capable(c, CAP_SETPCAP))
		return -EPERM;
	if (capability > CAP_LAST_CAP)
		return -EINVAL;
	c->bounding &= ~BIT(capability);
	return 0;
}

static int set_securebits(struct cred *c, uint64_t bits)
{
	uint64_t locks = c->securebits & SECURE_LOCKS, changed = c->securebits ^ bits;

	if (changed & locks >> 1 || !is_subset(locks, bits) || !is_subset(bits, SECURE_BITS | SECURE_LOCKS))
		return -EPERM;
	if (!cred_capable(c, CAP_SETPCAP) && (changed == 0 || !is_subset(changed, SECURE_UNPRIVILEGED | SECURE_UNPRIVILEGED << 1)))
		return -EPERM;
	c->securebits = (uint32_t)bits;
	return 0;
}

static int set_keepcaps(struct cred *c, uint64_t keep)
{
	if (keep > 1)
		return -EINVAL;
	if (has(c, SECURE_KEEP_CAPS_LOCKED))
		return -EPERM;
	c->securebits = (c->securebits & ~SECBIT_KEEP_CAPS) | (keep ? SECBIT_KEEP_CAPS : 0);
	return 0;
}

static int change_ambient(struct cred *c, const uint64_t args[static 4])
{
	uint64_t bit;

	if (args[0] == PR_CAP_AMBIENT_CLEAR_ALL) {
		if (args[1] != 0 || args[2] != 0 || args[3] != 0)
			return -EINVAL;
		c->ambient = 0;
		return 0;
	}
	if (args[1] > CAP_LAST_CAP || args[2] != 0 || args[3] != 0)
		return -EINVAL;
	bit = BIT(args[1]);
	switch (args[0]) {
	case PR_CAP_AMBIENT_IS_SET:
		return (c->ambient & bit) != 0;
	case PR_CAP_AMBIENT_RAISE:
		if (!is_subset(bit, c->permitted & c->inheritable) || has(c, SECURE_NO_CAP_AMBIENT_RAISE))
			return -EPERM;
		c->ambient |= bit;
		return 0;
	case PR_CAP_AMBIENT_LOWER:
		c->ambient &= ~bit;
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t cred_prctl(struct cred *c, int option, const uint64_t args[static 4])
{
	switch (option) {
	case PR_CAPBSET_READ:
		return args[0] > CAP_LAST_CAP ? -EINVAL : (c->bounding & BIT(args[0])) != 0;
	case PR_CAPBSET_DROP:
		return drop_bounding(c, args[0]);
	case PR_GET_SECUREBITS:
		return c->securebits;
	case PR_SET_SECUREBITS:
		return set_securebits(c, args[0]);
	case PR_GET_KEEPCAPS:
		return has(c, SECURE_KEEP_CAPS);
	case PR_SET_KEEPCAPS:
		return set_keepcaps(c, args[0]);
	case PR_CAP_AMBIENT:
		return change_ambient(c, args);
	default:
		return -EINVAL;
	}
}

/* What the file's capabilities and those of root give; false: it cannot do with less than its own. */
static bool gain(struct cred *new, const struct cred *old, const struct cred_file *file, bool *effective)
{
	new->permitted = 0;
	*effective = false;
	if (file->has_capabilities) {
		uint64_t wanted = file->permitted & CAP_ALL;

		new->permitted = (old->bounding & wanted) | (old->inheritable & file->inheritable);
		*effective = file->effective;
		if (file->effective && !is_subset(wanted, new->permitted))
			return false;
		/* set-user-ID root for kernels without file capabilities: here these count */
		if (new->ruid != 0 && new->euid == 0)
			return true;
	}
	if (has(old, SECURE_NOROOT))
		return true;
	if (new->ruid == 0 || new->euid == 0)
		new->permitted = old->bounding | old->inheritable;
	if (new->euid == 0)
		*effective = true;
	return true;
}

int cred_exec(struct cred *c, const struct cred_file *file)
{
	struct cred new = *c;
	bool effective, changed;

	if (file->set_uid && !file->no_new_privs)
		new.euid = file->uid;
	if (file->set_gid && !file->no_new_privs)
		new.egid = file->gid;
	if (!gain(&new, c, file, &effective))
		return -EPERM;
	changed = new.euid != c->euid || !cred_in_group(c, new.egid);
	if ((file->no_new_privs || file->observed) && (changed || !is_subset(new.permitted, c->permitted))) {
		if (file->no_new_privs || !cred_capable(c, CAP_SETUID)) {
			new.euid = new.ruid;
			new.egid = new.rgid;
		}
		new.permitted &= c->permitted;
	}
	new.suid = new.fsuid = new.euid;
	new.sgid = new.fsgid = new.egid;
	if (file->has_capabilities || changed)
		new.ambient = 0;
	new.permitted |= new.ambient;
	new.effective = effective ? new.permitted : new.ambient;
	new.securebits &= ~SECBIT_KEEP_CAPS;
	*c = new;
	return changed || new.euid != new.ruid || new.egid != new.rgid ||
		(new.ruid != 0 && (effective || !is_subset(new.permitted, new.ambient)));
}
