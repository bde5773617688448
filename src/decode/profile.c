/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/profile.h"

#include <errno.h>
#include <string.h>

#include "decode/decode.h"

int profile_fail(const struct profile *p, int at, const char *problem)
{
	*p->problem = (struct merge_problem){ problem, (size_t)p->json.tokens[at].start };
	return -EINVAL;
}

static int fail_at(const struct profile *p, int r, size_t offset, const char *problem)
{
	*p->problem = (struct merge_problem){ problem, offset };
	return r;
}

int profile_scan(struct profile *p, const char *text, size_t n)
{
	static struct payload_scan scan; /* large */
	int r;

	payload_scan_init(&scan);
	r = payload_scan_feed(&scan, text, n);
	if (r == -E2BIG)
		return fail_at(p, r, scan.length, "this is too large, or nested too deeply, for a profile");
	if (r < 0)
		return fail_at(p, r, scan.length - 1, "this is not JSON, or no object");
	if (r == 0)
		return fail_at(p, -EBADMSG, n, "the JSON object does not end");
	for (size_t i = scan.length; i < n; i++)
		if (text[i] == '\0' || !strchr(" \t\r\n", text[i]))
			return fail_at(p, -EBADMSG, i, "there is something behind the JSON object: remove it");
	r = json_read(&p->json, text, scan.length, MERGE_TOKENS_MAX);
	return r < 0 ? fail_at(p, r, 0, "there are more than 32768 names and values: split the profile") : 0;
}

/* Is it the same for those who take upper and lower case for the same, and is not the same? The known names are letters. */
static bool is_alike(const char *text, size_t n, const char *known)
{
	size_t i;

	for (i = 0; i < n && known[i] && (text[i] | ' ') == (known[i] | ' '); i++)
		;
	return i == n && !known[i] && memcmp(text, known, n) != 0;
}

/* A name that others may read differently: its token, or 0. */
static int ambiguous_member(const struct profile *p, int object)
{
	static const char *const known[] = { "defaultAction", "syscalls", "flags", "listenerPath", "listenerMetadata", "names", "name", "action",
					     "args", "includes", "excludes", "errnoRet", "errno", "index", "value", "valueTwo", "op" };

	JSON_EACH(&p->json, at, object) {
		size_t n;
		const char *text = json_text(&p->json, at, &n);

		for (size_t i = 0; i < n; i++)
			if (text[i] == '\\' || (unsigned char)text[i] > '~')
				return at;
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if (is_alike(text, n, known[i]))
				return at;
	}
	return 0;
}

int profile_check_members(const struct profile *p, int object)
{
	int at = ambiguous_member(p, object);

	return at ? profile_fail(p, at, "this name is ambiguous: spell it as the specification does, in ASCII without escapes") : 0;
}

int profile_member(const struct profile *p, int object, const char *name, jsmntype_t type)
{
	int at = json_find(&p->json, object, name, JSMN_UNDEFINED);

	if (at < 0)
		return profile_fail(p, object, "this object has a member twice");
	if (at == 0 || (p->json.tokens[at].type == JSMN_PRIMITIVE && p->json.text[p->json.tokens[at].start] == 'n'))
		return 0;
	return p->json.tokens[at].type == type ? at : profile_fail(p, at, "this value has the wrong type");
}

int profile_action(const struct profile *p, int object, const char *name)
{
	static const struct {
		const char *name;
		enum action action;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", ACTION_PERMIT }, { "SCMP_ACT_LOG", ACTION_PERMIT }, { "SCMP_ACT_ERRNO", ACTION_DENY },
		{ "SCMP_ACT_KILL", ACTION_DENY }, { "SCMP_ACT_KILL_THREAD", ACTION_DENY }, { "SCMP_ACT_KILL_PROCESS", ACTION_DENY },
		{ "SCMP_ACT_TRAP", ACTION_DENY }, { "SCMP_ACT_TRACE", ACTION_DENY }, { "SCMP_ACT_NOTIFY", ACTION_NOTIFY },
	};
	int at = profile_member(p, object, name, JSMN_STRING);

	if (at < 0)
		return at;
	if (at == 0)
		return profile_fail(p, object, object ? "this rule has no action" : "this is no seccomp profile: it has no defaultAction");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (json_is(&p->json, at, actions[i].name) == 1)
			return (int)actions[i].action;
	return profile_fail(p, at, "this is no action: SCMP_ACT_ALLOW, for example, is one");
}

/* "names", or "name" as docker once had it. */
static int read_names(const struct profile *p, struct rule *rule)
{
	int names = profile_member(p, rule->at, "names", JSMN_ARRAY);
	int name = profile_member(p, rule->at, "name", JSMN_STRING);
	size_t n;

	if (names < 0 || name < 0)
		return names < 0 ? names : name;
	if (name && json_text(&p->json, name, &n) && n > 0) {
		if (names && p->json.tokens[names].size > 0)
			return profile_fail(p, name, "this rule has name and names: use one of them");
		rule->names = name;
		rule->n_names = 1;
	} else if (names) {
		rule->names = names + 1;
		rule->n_names = p->json.tokens[names].size;
	}
	for (int i = 0; i < rule->n_names; i++)
		if (p->json.tokens[rule->names + i].type != JSMN_STRING || json_is(&p->json, rule->names + i, "") < 0)
			return profile_fail(p, rule->names + i, "this is no name of a system call: write it as a string without escapes");
	return 0;
}

int profile_rule(const struct profile *p, int at, struct rule *rule)
{
	int action, args, includes, excludes, r;

	*rule = (struct rule){ .at = at };
	if (p->json.tokens[at].type != JSMN_OBJECT)
		return profile_fail(p, at, "this is no rule, which is an object");
	r = profile_check_members(p, at);
	if (r == 0)
		r = read_names(p, rule);
	if (r < 0)
		return r;
	action = profile_action(p, at, "action");
	args = action < 0 ? action : profile_member(p, at, "args", JSMN_ARRAY);
	includes = args < 0 ? args : profile_member(p, at, "includes", JSMN_OBJECT);
	excludes = includes < 0 ? includes : profile_member(p, at, "excludes", JSMN_OBJECT);
	if (excludes < 0)
		return excludes;
	rule->action = (enum action)action;
	rule->args = args ? args : -1;
	rule->n_args = args ? p->json.tokens[args].size : 0;
	rule->depends = (includes && p->json.tokens[includes].size > 0) || (excludes && p->json.tokens[excludes].size > 0);
	return 0;
}

int profile_call(const struct profile *p, int name)
{
	for (int call = 0; call < CALL_COUNT; call++)
		if (json_is(&p->json, name, syscall_rows[call].name) == 1)
			return call;
	return -1;
}

struct condition profile_rest(enum trap trap)
{
	struct condition rest = { 0 };

	for (size_t i = 0; i < trap_condition_count; i++) {
		const struct trap_condition *c = &trap_conditions[i];

		if (c->trap != trap)
			continue;
		/* none of several single bits is one comparison; none of several values would be dozens */
		if ((c->by.mask & (c->by.mask - 1)) != 0 || c->by.value != c->by.mask)
			return (struct condition){ 0 };
		rest.index = c->by.index;
		rest.mask |= c->by.mask;
	}
	return rest;
}

static bool is_one_of(const struct profile *p, int name, const char *const *names)
{
	for (; *names; names++)
		if (json_is(&p->json, name, *names) == 1)
			return true;
	return false;
}

/* An argument that can be combined with one more condition on the same value. */
static bool read_argument(const struct profile *p, int at, struct condition *c)
{
	static const char *const others[] = { "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GE", "SCMP_CMP_GT", NULL };
	unsigned long long first, second = 0;
	int index, op, one, two;

	if (p->json.tokens[at].type != JSMN_OBJECT || ambiguous_member(p, at))
		return false;
	index = json_find(&p->json, at, "index", JSMN_PRIMITIVE);
	op = json_find(&p->json, at, "op", JSMN_STRING);
	one = json_find(&p->json, at, "value", JSMN_PRIMITIVE);
	two = json_find(&p->json, at, "valueTwo", JSMN_PRIMITIVE);
	if (index <= 0 || op <= 0 || one <= 0 || two < 0 || json_number(&p->json, index, &c->index) < 0 || c->index > 5 ||
	    json_number(&p->json, one, &first) < 0 || (two && json_number(&p->json, two, &second) < 0))
		return false;
	c->mask = c->value = 0;
	if (json_is(&p->json, op, "SCMP_CMP_EQ") == 1) {
		c->mask = UINT64_MAX;
		c->value = first;
	} else if (json_is(&p->json, op, "SCMP_CMP_MASKED_EQ") == 1 && (second & ~first) == 0) {
		c->mask = first;
		c->value = second;
	} else {
		return is_one_of(p, op, others);
	}
	return true;
}

bool profile_splits(const struct profile *p, const struct rule *rule, enum trap trap)
{
	struct condition rest = profile_rest(trap), c;
	unsigned int seen = 0;

	JSON_EACH(&p->json, at, rule->args) {
		/* runtimes take two conditions on one argument for alternatives */
		if (!read_argument(p, at, &c) || seen & 1U << c.index || (c.index == rest.index && c.mask == 0))
			return false;
		seen |= 1U << c.index;
	}
	return rest.mask != 0;
}

bool profile_split(const struct profile *p, const struct rule *rule, const struct condition *condition, struct split *split)
{
	struct condition c;

	*split = (struct split){ 0, *condition };
	JSON_EACH(&p->json, at, rule->args) {
		if (!read_argument(p, at, &c) || c.index != condition->index)
			continue;
		if ((c.mask & split->by.mask & (c.value ^ split->by.value)) != 0)
			return false;
		*split = (struct split){ at, { c.index, c.mask | split->by.mask, c.value | split->by.value } };
	}
	return true;
}

void profile_put(const struct profile *p, struct text *out, int at)
{
	const jsmntok_t *token = &p->json.tokens[at];
	int quotes = token->type == JSMN_STRING;

	text_put_bytes(out, p->json.text + token->start - quotes, (size_t)(token->end - token->start + 2 * quotes));
}

void profile_put_members(const struct profile *p, struct text *out, int object, const char *const *but, const char *first, const char *next)
{
	JSON_EACH(&p->json, at, object) {
		if (is_one_of(p, at, but))
			continue;
		text_put_separator(out, &first, next);
		profile_put(p, out, at);
		text_put(out, ": ");
		profile_put(p, out, at + 1);
	}
}

void profile_put_condition(struct text *out, const struct condition *c)
{
	bool whole = c->mask == UINT64_MAX;

	text_put(out, "{\"index\": ");
	text_put_number(out, c->index);
	text_put(out, ", \"value\": ");
	text_put_number(out, whole ? c->value : c->mask);
	if (!whole) {
		text_put(out, ", \"valueTwo\": ");
		text_put_number(out, c->value);
	}
	text_put(out, ", \"op\": \"SCMP_CMP_", whole ? "EQ" : "MASKED_EQ", "\"}");
}

void profile_put_split(const struct profile *p, struct text *out, const struct rule *rule, const struct split *split)
{
	text_put(out, ", \"args\": [");
	JSON_EACH(&p->json, at, rule->args) {
		if (at == split->replaced)
			continue;
		profile_put(p, out, at);
		text_put(out, ", ");
	}
	profile_put_condition(out, &split->by);
	text_put(out, "]");
}
