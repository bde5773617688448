/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATES_MAX 1024
#define CALLS_MAX 256

struct state {
	struct cred cred;
	uint32_t parent; /* from which this call led here */
	struct step step;
};

static struct state *found;
static uint32_t n_found;
static struct step calls[CALLS_MAX];
static uint32_t n_calls;

static void add_call(enum step_call call, uint32_t a, uint32_t b, uint32_t c)
{
	struct step *step = &calls[n_calls++];

	if (n_calls > CALLS_MAX)
		abort();
	memset(step, 0, sizeof(*step));
	step->kind = STEP_IDS;
	step->args[0] = call;
	step->args[1] = a;
	step->args[2] = b;
	step->args[3] = c;
}

static void list_calls(bool of_group, uint32_t n)
{
	uint32_t ids[IDS + 1];

	n_calls = 0;
	memcpy(ids, oracle_ids, n * sizeof(ids[0]));
	ids[n] = CRED_KEEP;
	for (uint32_t a = 0; a <= n; a++) {
		add_call(of_group ? STEP_SETGID : STEP_SETUID, ids[a], 0, 0);
		add_call(of_group ? STEP_SETFSGID : STEP_SETFSUID, ids[a], 0, 0);
		for (uint32_t b = 0; b <= n; b++) {
			add_call(of_group ? STEP_SETREGID : STEP_SETREUID, ids[a], ids[b], 0);
			for (uint32_t c = 0; c <= n; c++)
				add_call(of_group ? STEP_SETRESGID : STEP_SETRESUID, ids[a], ids[b], ids[c]);
		}
	}
	/* without which no process would lack the privilege */
	if (of_group)
		add_call(STEP_SETUID, oracle_ids[1], 0, 0);
}

static void note(const struct cred *cred, uint32_t parent, const struct step *step)
{
	for (uint32_t i = 0; i < n_found; i++)
		if (memcmp(&found[i].cred, cred, sizeof(*cred)) == 0)
			return;
	if (n_found >= STATES_MAX)
		abort();
	found[n_found].cred = *cred;
	found[n_found].parent = parent;
	if (step)
		found[n_found].step = *step;
	n_found++;
}

static void append(struct model *m, struct seen *expected, const struct step *step)
{
	struct oracle_counts counts = { 0 };
	uint32_t at = oracle_script->n++;

	if (at >= STEPS_MAX)
		abort();
	oracle_script->steps[at] = *step;
	expected[at] = model_step(m, step, &counts);
}

static void append_path(struct model *m, struct seen *expected, uint32_t state)
{
	if (state == 0)
		return;
	append_path(m, expected, found[state].parent);
	append(m, expected, &found[state].step);
}

/* In this state, each call by a child of its own. */
static bool try_state(uint32_t state)
{
	static struct seen expected[STEPS_MAX];
	const struct step child = { .kind = STEP_FORK, .args = { 1 } }, end = { .kind = STEP_EXIT };
	struct model m;

	model_begin(&m, &oracle_first);
	oracle_script->n = 0;
	append_path(&m, expected, state);
	for (uint32_t i = 0; i < n_calls; i++) {
		append(&m, expected, &child);
		append(&m, expected, &calls[i]);
		note(&model_current(&m)->cred, state, &calls[i]);
		append(&m, expected, &end);
	}
	return oracle_run(expected);
}

bool reach_all(bool of_group, uint32_t *states, uint32_t *transitions)
{
	struct model m;
	bool same = true;

	found = calloc(STATES_MAX, sizeof(*found));
	if (!found)
		abort();
	n_found = *transitions = 0;
	/* three group ids: privilege doubles the states */
	list_calls(of_group, of_group ? IDS - 1 : IDS);
	model_begin(&m, &oracle_first);
	note(&m.processes[0].cred, 0, NULL);
	for (uint32_t i = 0; i < n_found && same; i++, *transitions += n_calls)
		same = try_state(i);
	*states = n_found;
	free(found);
	return same;
}
