/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: the five sets that root begins with, two bytes each, see take_set(); then steps: a byte, of which the low bits say what
 * is done and the high ones by which of four processes, and what that needs.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "reference-cred.h"

#define PROCESSES 4
#define CAP_ALL ((1ULL << REFERENCE_CAPS) - 1)

struct input {
	const uint8_t *data;
	size_t left;
};

/* one to start with, the others when they are forked */
struct process {
	bool is_there;
	struct cred cred;
	struct reference reference;
};

static uint8_t take(struct input *in)
{
	return in->left == 0 ? 0 : (in->left--, *in->data++);
}

static uint32_t take_id(struct input *in)
{
	static const uint32_t ids[] = { 0, 1, 2, 3, CRED_KEEP, 65534, 0xfffffffe, 0x10000 };
	uint8_t n = take(in);

	return n < 128 ? ids[n % 8] : n;
}

/* mostly what is there, or that with another bit; or any */
static uint64_t take_set(struct input *in, uint64_t there)
{
	uint8_t how = take(in), n = take(in);
	uint64_t set = 0;

	switch (how % 8) {
	case 0:
		return there;
	case 1:
		return 0;
	case 2:
		return there & ~(1ULL << n % 64);
	case 3:
		return there | 1ULL << n % 64;
	case 4:
		return 1ULL << n % 64;
	case 5:
		return CAP_ALL;
	case 6:
		return there & (uint64_t)n << how / 8;
	default:
		for (int i = 0; i < 8; i++)
			set = set << 8 | take(in);
		return set;
	}
}

/* No id that it had not appears without privilege. */
static void check_ids(const struct cred *new, const struct cred *old, bool of_group, uint32_t file)
{
	const uint32_t *now = of_group ? &new->rgid : &new->ruid, *before = of_group ? &old->rgid : &old->ruid;

	if (cred_capable(old, of_group ? 6 : 7))
		return;
	for (int i = 0; i < 4; i++)
		CHECK(now[i] == before[0] || now[i] == before[1] || now[i] == before[2] || now[i] == before[3] || now[i] == file);
}

static int64_t set_ids(struct process *p, int call, struct input *in)
{
	static const int widths[] = { 1, 2, 3, 0 };
	static const enum cred_call calls[2][4] = {
		{ CRED_SETUID, CRED_SETREUID, CRED_SETRESUID, CRED_SETFSUID }, { CRED_SETGID, CRED_SETREGID, CRED_SETRESGID, CRED_SETFSGID }
	};
	struct cred old = p->cred;
	uint32_t want[3] = { take_id(in), 0, 0 };
	int width = widths[call / 2], of_group = call % 2;
	int64_t r;

	for (int i = 1; i < width; i++)
		want[i] = take_id(in);
	r = cred_set_ids(&p->cred, calls[of_group][call / 2], want);
	CHECK(r == reference_set(&p->reference, of_group, width, want));
	/* what is to be kept is kept */
	for (int i = 0; width == 3 && i < 3; i++)
		CHECK(want[i] != CRED_KEEP || (&p->cred.ruid)[4 * of_group + i] == (&old.ruid)[4 * of_group + i]);
	CHECK(memcmp(of_group ? &p->cred.ruid : &p->cred.rgid, of_group ? &old.ruid : &old.rgid, 16) == 0);
	return r;
}

static int64_t set_groups(struct process *p, struct input *in)
{
	uint32_t groups[LIMIT_GROUPS + 1];
	size_t n = take(in);

	n = n < 240 ? n % 16 : n < 250 ? LIMIT_GROUPS : LIMIT_GROUPS + 1;
	for (size_t i = 0; i < n; i++)
		groups[i] = i < 16 ? take_id(in) : (uint32_t)(n - i);
	CHECK(cred_in_group(&p->cred, p->cred.fsgid));
	for (size_t i = 0; i < p->cred.n_groups; i++)
		CHECK(cred_in_group(&p->cred, p->cred.groups[i]));
	int r = cred_setgroups(&p->cred, groups, n);

	CHECK(r == reference_setgroups(&p->reference, groups, n));
	return r;
}

static int64_t set_capabilities(struct process *p, struct input *in)
{
	uint64_t permitted = take_set(in, p->cred.permitted), effective = take_set(in, permitted);
	uint64_t inheritable = take_set(in, take(in) % 2 ? permitted : p->cred.inheritable);
	int r = cred_capset(&p->cred, effective, permitted, inheritable);

	CHECK(r == reference_capset(&p->reference, effective, permitted, inheritable));
	return r;
}

static int64_t do_prctl(struct process *p, struct input *in)
{
	static const int options[] = { PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_SECUREBITS,
		PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT };
	uint8_t n = take(in);
	int option = n < 200 ? options[n % 8] : n;
	uint64_t args[4] = { take(in), take(in), 0, 0 };
	bool known = option == 7 || option == 8 || option == 23 || option == 24 || option == 27 || option == 28 || option == 47;
	int64_t r;

	if (option == PR_SET_SECUREBITS)
		args[0] |= args[1] << 8;
	if (n / 8 % 8 == 7)
		args[take(in) % 4] |= (uint64_t)take(in) << 32;
	CHECK(cred_has_prctl(option) == known);
	r = cred_prctl(&p->cred, option, args);
	CHECK(r == reference_prctl(&p->reference, option, args));
	return r;
}

static int64_t execute(struct process *p, struct input *in)
{
	struct cred old = p->cred;
	uint8_t bits = take(in);
	struct cred_file file = { .set_uid = bits & 1, .set_gid = bits & 2, .has_capabilities = bits & 4, .no_new_privs = bits & 16,
		.observed = bits & 32 };
	int r;

	if (bits & 3) {
		file.uid = take_id(in) & 0x7fffffff;
		file.gid = take_id(in) & 0x7fffffff;
	}
	if (bits & 4) {
		file.effective = bits & 8;
		file.permitted = take_set(in, p->cred.bounding);
		file.inheritable = take_set(in, p->cred.inheritable);
	}
	r = cred_exec(&p->cred, &file);
	CHECK(r == reference_exec(&p->reference, &file));
	check_ids(&p->cred, &old, false, file.set_uid ? file.uid : old.euid);
	check_ids(&p->cred, &old, true, file.set_gid ? file.gid : old.egid);
	CHECK(r < 0 || (p->cred.suid == p->cred.euid && p->cred.fsuid == p->cred.euid && p->cred.ruid == old.ruid));
	CHECK(!file.no_new_privs || r < 0 || ((p->cred.permitted & ~old.permitted) == 0));
	return r;
}

/* Bytes that stand in a table may be wrong ones. */
static void check_validity(const struct cred *c, struct input *in)
{
	struct cred spoilt = *c;
	int8_t n = (int8_t)take(in);
	uint16_t at = take(in);
	uint8_t with;

	at = (uint16_t)(at < 96 ? at : at * 5);
	with = take(in);
	((uint8_t *)&spoilt)[at % sizeof(spoilt)] ^= with;
	if (n & 1)
		(&spoilt.ruid)[n / 2 & 7] = CRED_KEEP;
	CHECK(cred_is_valid(&spoilt) == reference_is_valid(&spoilt));
	CHECK(cred_equal(&spoilt, c) == (memcmp(&spoilt, c, sizeof(spoilt)) == 0));
	CHECK(cred_capable(c, n) == (n >= 0 && n < REFERENCE_CAPS && c->effective >> n & 1));
	CHECK(cred_in_group(c, 0xabcdef) == false);
}

static void step(struct process *processes, struct input *in)
{
	uint8_t what = take(in);
	struct process *p = &processes[what >> 6], *other = &processes[take(in) % PROCESSES];
	struct cred old = p->cred, shown;
	uint32_t unknown[3] = { 0 };
	int64_t r = 0;

	if (!p->is_there)
		p = &processes[0];
	old = p->cred;
	switch (what % 16) {
	case 8:
		r = set_groups(p, in);
		break;
	case 9:
		r = set_capabilities(p, in);
		break;
	case 10: case 15:
		r = do_prctl(p, in);
		break;
	case 11:
		*other = *p;
		break;
	case 12:
		r = execute(p, in);
		break;
	case 13:
		check_validity(&p->cred, in);
		break;
	case 14:
		/* the first one stays */
		p->is_there = p == processes;
		CHECK(cred_set_ids(&p->cred, CRED_CALL_COUNT, unknown) == -EINVAL);
		break;
	default:
		r = set_ids(p, what % 8, in);
		check_ids(&p->cred, &old, false, old.euid);
		check_ids(&p->cred, &old, true, old.egid);
	}
	shown = reference_shown(&p->reference);
	CHECK(cred_equal(&p->cred, &shown) && cred_is_valid(&p->cred));
	CHECK(r >= 0 || cred_equal(&p->cred, &old));
	CHECK((p->cred.effective & ~p->cred.permitted) == 0 && (p->cred.ambient & ~(p->cred.permitted & p->cred.inheritable)) == 0);
	CHECK((p->cred.bounding & ~old.bounding) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct process processes[PROCESSES];
	uint64_t bounding = take_set(&in, CAP_ALL) & CAP_ALL, permitted = take_set(&in, bounding) & CAP_ALL;
	uint64_t effective = take_set(&in, permitted) & permitted, inheritable = take_set(&in, 0) & CAP_ALL;
	uint64_t ambient = take_set(&in, 0) & permitted & inheritable;

	memset(processes, 0, sizeof(processes));
	processes[0].is_there = true;
	processes[0].cred = cred_root(inheritable, permitted, effective, bounding, ambient);
	processes[0].reference = reference_root(inheritable, permitted, effective, bounding, ambient);
	for (int i = 0; i < 128 && in.left > 0; i++)
		step(processes, &in);
	return 0;
}
