/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/merge.h"

#include <errno.h>
#include <string.h>

#include "decode/decode.h"
#include "decode/profile.h"

/* What the rules of the profile do about a call of the table. */
struct use {
	bool unsplit; /* its rules are not split, since one of them cannot be or denies something, which a part of another might contradict */
	bool denied;  /* it is never permitted */
	int whole;    /* the first rule that always permits it, its token */
};

struct merge {
	struct profile profile;
	struct text out;
	bool allows;       /* what no rule is for */
	const char *separator;
	struct use uses[CALL_COUNT];
	unsigned char parts[MERGE_TOKENS_MAX]; /* of a name of the rule in hand: enum part */
};

/* What becomes of a name in a rule that permits it. SPLIT + trap: one rule for each condition of the trap, and one for all other arguments. */
enum part { KEEP, DROP, NOTIFY, REFUSE, SPLIT };

static int note_rule(struct merge *m, const struct rule *rule)
{
	if (rule->action == ACTION_NOTIFY)
		return profile_fail(&m->profile, rule->at, "this rule is for another receiver, and a filter can have only one: "
				  "give the profile that the engine came with");
	for (int i = 0; i < rule->n_names; i++) {
		int call = profile_call(&m->profile, rule->names + i);
		struct use *use;

		if (call < 0)
			continue;
		use = &m->uses[call];
		use->unsplit |= rule->action != ACTION_PERMIT || !profile_splits(&m->profile, rule, syscall_rows[call].trap);
		if (rule->action == ACTION_PERMIT) {
			if (!use->whole && rule->n_args == 0 && !rule->depends)
				use->whole = rule->at;
			continue;
		}
		use->denied |= rule->n_args == 0 && !rule->depends;
		if (m->allows && rule->n_args > 0)
			return profile_fail(&m->profile, rule->names + i, "this call is to be trapped, and cannot be denied for some of its "
					  "arguments only: let the rule deny it for all, or take it out");
	}
	return 0;
}

static enum part part_of(const struct merge *m, const struct rule *rule, int name)
{
	int call = profile_call(&m->profile, name);
	const struct use *use = &m->uses[call < 0 ? 0 : call];
	enum trap trap;

	if (call < 0)
		return KEEP;
	if (m->allows)
		return DROP; /* it gets rules of its own at the end */
	trap = syscall_rows[call].trap;
	if (trap == REFUSED)
		return REFUSE;
	if (use->unsplit)
		return NOTIFY;
	return use->whole && use->whole != rule->at ? DROP : SPLIT + trap;
}

static void put_names(struct merge *m, const struct rule *rule, enum part part)
{
	const char *separator = "\n    {\"names\": [";

	text_put_separator(&m->out, &m->separator, ",");
	for (int i = 0; i < rule->n_names; i++) {
		if (m->parts[rule->names + i] != part)
			continue;
		text_put_separator(&m->out, &separator, ", ");
		profile_put(&m->profile, &m->out, rule->names + i);
	}
	text_put(&m->out, "]");
}

static void put_action(struct merge *m, enum trap trap)
{
	text_put(&m->out, trap == REFUSED ? ", \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": " : ", \"action\": \"SCMP_ACT_NOTIFY\"");
	if (trap == REFUSED)
		text_put_number(&m->out, ENOSYS);
}

/* A rule for the names in a part: trapped or refused, or permitted as it was; and of what the rule is for, all or what the split is for. */
static void put_part(struct merge *m, const struct rule *rule, enum part part, bool as_before, const struct split *split)
{
	static const char *const old[] = { "names", "name", "args", NULL };
	static const char *const new[] = { "names", "name", "action", "errnoRet", "errno", NULL };
	static const char *const new_split[] = { "names", "name", "action", "errnoRet", "errno", "args", NULL };

	put_names(m, rule, part);
	if (!as_before)
		put_action(m, part == REFUSE ? REFUSED : ALWAYS);
	if (split)
		profile_put_split(&m->profile, &m->out, rule, split);
	profile_put_members(&m->profile, &m->out, rule->at, as_before ? old : split ? new_split : new, ", ", ", ");
	text_put(&m->out, "}");
}

/* What a rule permits, trapped under the conditions of the trap and permitted otherwise: one rule a case. */
static void put_cases(struct merge *m, const struct rule *rule, enum trap trap)
{
	struct condition rest = profile_rest(trap);
	struct split split;

	for (size_t i = 0; i < trap_condition_count; i++)
		if (trap_conditions[i].trap == trap && profile_split(&m->profile, rule, &trap_conditions[i].by, &split))
			put_part(m, rule, SPLIT + trap, false, &split);
	if (profile_split(&m->profile, rule, &rest, &split))
		put_part(m, rule, SPLIT + trap, true, &split);
}

static int put_rule(struct merge *m, const struct rule *rule)
{
	static const char *const names[] = { "names", "name", NULL };
	bool has[SPLIT + TRAP_COUNT] = { false };

	for (int i = 0; i < rule->n_names; i++) {
		enum part part = rule->action == ACTION_PERMIT ? part_of(m, rule, rule->names + i) : KEEP;

		m->parts[rule->names + i] = (unsigned char)part;
		has[part] = true;
	}
	if (memchr(has + 1, true, sizeof(has) - 1) == NULL) {
		text_put_separator(&m->out, &m->separator, ",");
		text_put(&m->out, "\n    ");
		profile_put(&m->profile, &m->out, rule->at);
		return 0;
	}
	if (has[KEEP]) {
		put_names(m, rule, KEEP);
		profile_put_members(&m->profile, &m->out, rule->at, names, ", ", ", ");
		text_put(&m->out, "}");
	}
	if (has[NOTIFY])
		put_part(m, rule, NOTIFY, false, NULL);
	if (has[REFUSE])
		put_part(m, rule, REFUSE, false, NULL);
	for (enum trap trap = 0; trap < TRAP_COUNT; trap++)
		if (has[SPLIT + trap])
			put_cases(m, rule, trap);
	return 0;
}

/* A rule of ours where everything else is allowed, for the calls of a trap that the profile does not deny. */
static void put_ours(struct merge *m, enum trap trap, const struct condition *condition)
{
	const char *between = "\n    {\"names\": [\"";
	bool any = false;

	for (enum call call = 0; call < CALL_COUNT; call++) {
		if (syscall_rows[call].trap != trap || m->uses[call].denied)
			continue;
		if (!any)
			text_put_separator(&m->out, &m->separator, ",");
		any = true;
		text_put_separator(&m->out, &between, ", \"");
		text_put(&m->out, syscall_rows[call].name, "\"");
	}
	if (!any)
		return;
	text_put(&m->out, "]");
	put_action(m, trap);
	if (condition) {
		text_put(&m->out, ", \"args\": [");
		profile_put_condition(&m->out, condition);
		text_put(&m->out, "]");
	}
	text_put(&m->out, "}");
}

static int each_rule(struct merge *m, int array, int (*call)(struct merge *m, const struct rule *rule))
{
	struct rule rule;

	JSON_EACH(&m->profile.json, at, array ? array : -1) {
		int r = profile_rule(&m->profile, at, &rule);

		if (r == 0)
			r = call(m, &rule);
		if (r < 0)
			return r;
	}
	return 0;
}

static int put_rules(struct merge *m, int array)
{
	int r = each_rule(m, array, note_rule);

	if (r < 0)
		return r;
	text_put(&m->out, "  \"syscalls\": [");
	m->separator = "";
	r = each_rule(m, array, put_rule);
	if (m->allows) {
		put_ours(m, ALWAYS, NULL);
		for (size_t i = 0; i < trap_condition_count; i++)
			put_ours(m, trap_conditions[i].trap, &trap_conditions[i].by);
		put_ours(m, REFUSED, NULL);
	}
	text_put(&m->out, "\n  ]\n}\n");
	return r;
}

/* The member of an object that makes a profile another receiver's. */
static int check_receiver(struct merge *m, const char *name)
{
	int at = profile_member(&m->profile, 0, name, JSMN_STRING);

	if (at > 0 && m->profile.json.tokens[at].end > m->profile.json.tokens[at].start)
		return profile_fail(&m->profile, at, "this profile is for another receiver: give the profile that the engine came with");
	return at < 0 ? at : 0;
}

static int put_flags(struct merge *m, const struct merge_options *options)
{
	int array = profile_member(&m->profile, 0, "flags", JSMN_ARRAY);
	const char *separator = "";
	bool wanted = options->flags;

	if (array < 0 || (array == 0 && !wanted))
		return array;
	text_put(&m->out, "  \"flags\": [");
	JSON_EACH(&m->profile.json, at, array ? array : -1) {
		text_put_separator(&m->out, &separator, ", ");
		profile_put(&m->profile, &m->out, at);
		wanted = wanted && json_is(&m->profile.json, at, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") != 1;
	}
	if (wanted)
		text_put(&m->out, separator, "\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"");
	text_put(&m->out, "],\n");
	return 0;
}

static void put_string(struct merge *m, const char *name, const char *value)
{
	if (!value)
		return;
	text_put(&m->out, "  \"", name, "\": ");
	text_put_string(&m->out, value);
	text_put(&m->out, ",\n");
}

static int put_profile(struct merge *m, const struct merge_options *options)
{
	static const char *const replaced[] = { "syscalls", "flags", "listenerPath", "listenerMetadata", NULL };
	int action, array, r = profile_check_members(&m->profile, 0);

	if (r == 0)
		r = check_receiver(m, "listenerPath");
	if (r == 0)
		r = check_receiver(m, "listenerMetadata");
	if (r < 0)
		return r;
	action = profile_action(&m->profile, 0, "defaultAction");
	array = profile_member(&m->profile, 0, "syscalls", JSMN_ARRAY);
	if (action < 0 || array < 0)
		return action < 0 ? action : array;
	if (action == ACTION_NOTIFY)
		return profile_fail(&m->profile, 0, "the default action is another receiver's: give the profile that the engine came with");
	m->allows = action == ACTION_PERMIT;
	text_put(&m->out, "{");
	profile_put_members(&m->profile, &m->out, 0, replaced, "\n  ", ",\n  ");
	text_put(&m->out, ",\n");
	put_string(m, "listenerPath", options->listener);
	put_string(m, "listenerMetadata", options->metadata);
	r = put_flags(m, options);
	return r < 0 ? r : put_rules(m, array);
}

int merge_profile(const char *json, size_t n, const struct merge_options *options, char out[static MERGED_MAX],
		  struct merge_problem *problem)
{
	static struct merge m; /* large, as the tokens */
	static jsmntok_t tokens[MERGE_TOKENS_MAX];
	int r;

	memset(&m, 0, offsetof(struct merge, parts));
	m.profile.problem = problem;
	m.profile.json.tokens = tokens;
	m.out = (struct text){ .start = out, .room = MERGED_MAX };
	r = profile_scan(&m.profile, json, n);
	if (r < 0)
		return r;
	r = put_profile(&m, options);
	if (r < 0)
		return r;
	if (m.out.n > m.out.room) {
		*problem = (struct merge_problem){ "the merged profile would be too large: remove what is not needed", 0 };
		return -E2BIG;
	}
	return (int)m.out.n;
}
