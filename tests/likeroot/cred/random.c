/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>

#define BIT(n) (1ULL << (n))
#define CAP_ALL (BIT(41) - 1)

static uint64_t seed;

void random_seed(uint64_t new)
{
	seed = new;
}

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t random_below(uint64_t n)
{
	return draw() % n;
}

static uint32_t any_id(void)
{
	uint64_t n = random_below(20);

	if (n < 5)
		return 0;
	if (n < 8)
		return CRED_KEEP;
	if (n == 8)
		return 0xfffffffe;
	return oracle_ids[1 + n % (IDS - 1)];
}

/* One of few, so that it is met again, or any at all, or none. */
static uint64_t any_capability(void)
{
	static const uint8_t often[] = { CAP_CHOWN, CAP_FOWNER, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_NET_RAW, CAP_MAC_OVERRIDE, 40 };
	uint64_t n = random_below(32);

	return n < 24 ? often[n % 8] : n < 31 ? random_below(41) : 41 + random_below(30);
}

/* a set that is mostly part of what is there */
static uint64_t any_set(uint64_t there)
{
	switch (random_below(8)) {
	case 0:
		return 0;
	case 1:
		return there & draw();
	case 2:
		return there & ~BIT(any_capability() % 64);
	case 3:
		return there | BIT(any_capability() % 64);
	case 4:
		return draw();
	default:
		return there;
	}
}

static void any_ids(struct step *step)
{
	step->kind = STEP_IDS;
	step->args[0] = random_below(STEP_CALLS);
	for (int i = 1; i < 4; i++)
		step->args[i] = any_id();
}

static void any_groups(struct step *step)
{
	uint64_t n = random_below(16);

	step->kind = STEP_SETGROUPS;
	step->n_groups = n < 12 ? (uint32_t)n / 2 : n < 15 ? (uint32_t)random_below(33) : STEP_GROUPS;
	for (uint32_t i = 0; i < step->n_groups; i++)
		step->groups[i] = n < 12 && random_below(8) ? oracle_ids[random_below(IDS)] : (uint32_t)draw() % 0xffffffff;
	if (step->n_groups > 0 && random_below(10) == 0)
		step->groups[random_below(step->n_groups)] = CRED_KEEP;
}

static void any_capset(struct step *step, const struct cred *c)
{
	uint64_t permitted = any_set(c->permitted);

	step->kind = STEP_CAPSET;
	step->args[0] = any_set(random_below(2) ? permitted : c->effective);
	step->args[1] = permitted;
	step->args[2] = random_below(2) ? permitted : any_set(random_below(2) ? c->inheritable : permitted);
	if (random_below(3) == 0)
		step->args[0] = permitted & CAP_ALL;
	/* what ambient capabilities need */
	if (random_below(4) == 0) {
		step->args[0] = c->effective;
		step->args[1] = c->permitted;
		step->args[2] = c->permitted & c->bounding;
	}
}

static uint64_t any_securebits(const struct cred *c)
{
	switch (random_below(6)) {
	case 0:
		return c->securebits;
	case 1:
		return c->securebits ^ BIT(random_below(14));
	case 2:
		return c->securebits | BIT(2 * random_below(6)) | BIT(2 * random_below(6));
	case 3:
		/* no locks, or nothing more would ever change */
		return draw() & 0x555;
	case 4:
		return c->securebits ^ (draw() & 0xf00);
	default:
		return random_below(8) ? c->securebits & 0xaaa : draw();
	}
}

static void any_ambient(struct step *step, const struct cred *c)
{
	static const uint8_t calls[] = { PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_LOWER,
		PR_CAP_AMBIENT_IS_SET, PR_CAP_AMBIENT_CLEAR_ALL, 0, 5 };

	step->args[1] = calls[random_below(8)];
	step->args[2] = any_capability();
	if (step->args[1] == PR_CAP_AMBIENT_CLEAR_ALL && random_below(4))
		step->args[2] = 0;
	/* one that can be raised, if there is any */
	for (int i = 0; i < 8 && !(c->inheritable & c->permitted & BIT(step->args[2] % 64)); i++)
		step->args[2] = any_capability();
	if (random_below(16) == 0)
		step->args[3 + random_below(2)] = 1;
}

static void any_prctl(struct step *step, const struct cred *c)
{
	static const int options[] = { PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_SECUREBITS, PR_SET_SECUREBITS, PR_SET_SECUREBITS,
		PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT, PR_CAP_AMBIENT, PR_CAP_AMBIENT };
	int option = options[random_below(12)];

	step->kind = STEP_PRCTL;
	step->args[0] = (uint64_t)option;
	if (option == PR_CAPBSET_READ || option == PR_CAPBSET_DROP)
		step->args[1] = random_below(8) ? any_capability() : draw();
	if (option == PR_SET_KEEPCAPS)
		step->args[1] = random_below(16) ? random_below(2) : random_below(2) ? 2 : 1ULL << 32;
	if (option == PR_SET_SECUREBITS)
		step->args[1] = any_securebits(c);
	if (option == PR_CAP_AMBIENT)
		any_ambient(step, c);
	if (random_below(60) == 0) {
		memset(step->args, 0, sizeof(step->args));
		step->args[0] = PR_SET_NO_NEW_PRIVS;
		step->args[1] = 1;
	}
}

void random_step(struct step *step, const struct model *m, uint32_t left)
{
	const struct cred *c = &m->processes[m->depth].cred;
	uint64_t n = random_below(100);

	memset(step, 0, sizeof(*step));
	if (left <= (uint32_t)m->depth) {
		step->kind = STEP_EXIT;
	} else if (n < 40) {
		any_ids(step);
	} else if (n < 47) {
		any_groups(step);
	} else if (n < 60) {
		any_capset(step, c);
	} else if (n < 80) {
		any_prctl(step, c);
	} else if (n < 86 && m->depth < STEP_DEPTH && left > (uint32_t)m->depth + 1) {
		step->kind = STEP_FORK;
		step->args[0] = random_below(2);
	} else if (n < 90 && m->depth > 0) {
		step->kind = STEP_EXIT;
	} else {
		step->kind = STEP_EXEC;
		step->args[0] = random_below(3) ? random_below(FILE_COUNT) : 0;
		step->args[1] = random_below(8) == 0;
	}
}
