/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a byte of options, and an engine's profile. What the merged one says about calls is held against what the engine's says. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "decode/decode.h"
#include "decode/merge.h"
#include "reference-merge.h"
#include "reference-payload.h"

static char merged[MERGED_MAX];

static bool permits(const char *action)
{
	return strcmp(action, "SCMP_ACT_ALLOW") == 0 || strcmp(action, "SCMP_ACT_LOG") == 0;
}

static bool is_trapped(const struct syscall_row *row, const uint64_t args[6])
{
	bool conditional = false;

	for (size_t i = 0; i < trap_condition_count; i++) {
		const struct trap_condition *c = &trap_conditions[i];

		conditional |= c->trap == row->trap;
		if (c->trap == row->trap && ((uint32_t)args[c->by.index] & c->by.mask) == c->by.value)
			return true;
	}
	return !conditional;
}

static void check_call(yajl_val engine, yajl_val ours, const char *name, const struct syscall_row *row, const uint64_t args[6], unsigned int seed)
{
	struct reference_answer before = reference_answer(engine, name, args, seed), after;

	if (!before.action)
		return;
	after = reference_answer(ours, name, args, seed);
	CHECK(after.action);
	if (!row || !permits(before.action))
		CHECK(strcmp(before.action, after.action) == 0 && strcmp(before.error, after.error) == 0);
	else if (row->trap == REFUSED)
		CHECK(strcmp(after.action, "SCMP_ACT_ERRNO") == 0 && strcmp(after.error, "38") == 0);
	else if (is_trapped(row, args))
		CHECK(strcmp(after.action, "SCMP_ACT_NOTIFY") == 0);
	else
		CHECK(strcmp(after.action, "SCMP_ACT_NOTIFY") == 0 || strcmp(before.action, after.action) == 0);
}

static void check_values(yajl_val engine, yajl_val ours, const char *name, const struct syscall_row *row, unsigned int index, uint64_t value)
{
	uint64_t args[6] = { 0 }, same[6] = { value, value, value, value, value, value };

	args[index % 6] = value;
	for (unsigned int seed = 0; seed < 3; seed++) {
		check_call(engine, ours, name, row, args, seed);
		check_call(engine, ours, name, row, same, seed);
	}
}

static const struct syscall_row *row_of(const char *name)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (strcmp(name, syscall_rows[i].name) == 0)
			return &syscall_rows[i];
	return NULL;
}

/* A call with the values that a rule asks for, and those near them. */
static void check_named(yajl_val engine, yajl_val ours, const char *name)
{
	static const char *const list[] = { "args", NULL };
	const struct syscall_row *row = row_of(name);
	yajl_val rules = reference_member(engine, "syscalls");

	check_values(engine, ours, name, row, 0, 0);
	for (size_t i = 0; row && i < trap_condition_count; i++)
		if (trap_conditions[i].trap == row->trap)
			check_values(engine, ours, name, row, (unsigned int)trap_conditions[i].by.index, trap_conditions[i].by.value);
	for (size_t i = 0; YAJL_IS_ARRAY(rules) && i < rules->u.array.len && i < 16; i++) {
		yajl_val args = yajl_tree_get(rules->u.array.values[i], (const char **)list, yajl_t_array);

		for (size_t k = 0; args && k < args->u.array.len && k < 6 && reference_names(rules->u.array.values[i], name); k++) {
			yajl_val two = reference_member(args->u.array.values[k], "valueTwo"), one = reference_member(args->u.array.values[k], "value");
			yajl_val n = two ? two : one;

			if (n && n->type == yajl_t_number) {
				check_values(engine, ours, name, row, (unsigned int)k, strtoull(n->u.number.r, NULL, 10));
				check_values(engine, ours, name, row, (unsigned int)k, strtoull(n->u.number.r, NULL, 10) | 0x10020042);
			}
		}
	}
}

/* A rule for no call of ours is there as it was, behind the one that was found before: the place behind it. */
static size_t find_rule(yajl_val rules, size_t at, yajl_val rule)
{
	while (at < rules->u.array.len && !reference_equal(rules->u.array.values[at], rule))
		at++;
	CHECK(at < rules->u.array.len);
	return at + 1;
}

static void check_rules(yajl_val engine, yajl_val ours)
{
	yajl_val rules = reference_member(engine, "syscalls"), merged_rules = reference_member(ours, "syscalls");
	size_t at = 0;

	CHECK(YAJL_IS_ARRAY(merged_rules));
	for (size_t i = 0; YAJL_IS_ARRAY(rules) && i < rules->u.array.len; i++) {
		yajl_val rule = rules->u.array.values[i], names = reference_member(rule, "names"), one = reference_member(rule, "name");
		bool touched = YAJL_IS_STRING(one) && row_of(one->u.string);

		for (size_t k = 0; YAJL_IS_ARRAY(names) && k < names->u.array.len; k++) {
			touched |= row_of(names->u.array.values[k]->u.string) != NULL;
			check_named(engine, ours, names->u.array.values[k]->u.string);
		}
		if (YAJL_IS_STRING(one))
			check_named(engine, ours, one->u.string);
		if (!touched || !permits(reference_member(rule, "action")->u.string))
			at = find_rule(merged_rules, at, rule);
	}
	for (size_t i = 0; i < CALL_COUNT; i++)
		check_named(engine, ours, syscall_rows[i].name);
}

/* Members that Go takes for one of those that decide. */
static void check_case(yajl_val object)
{
	static const char *const known[] = { "defaultAction", "syscalls", "names", "name", "action", "args", "includes", "excludes" };

	for (size_t i = 0; i < object->u.object.len; i++)
		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			CHECK(strcasecmp(object->u.object.keys[i], known[k]) != 0 || strcmp(object->u.object.keys[i], known[k]) == 0);
}

static void check_members(yajl_val engine, yajl_val ours, const struct merge_options *options)
{
	static const char *const changed[] = { "syscalls", "flags", "listenerPath", "listenerMetadata" };
	yajl_val path = reference_member(ours, "listenerPath"), metadata = reference_member(ours, "listenerMetadata");
	yajl_val flags = reference_member(ours, "flags"), rules = reference_member(engine, "syscalls");

	CHECK(options->listener ? YAJL_IS_STRING(path) && strcmp(path->u.string, options->listener) == 0 : !path);
	CHECK(options->metadata ? YAJL_IS_STRING(metadata) && strcmp(metadata->u.string, options->metadata) == 0 : !metadata);
	CHECK(!options->flags || (YAJL_IS_ARRAY(flags) && flags->u.array.len > 0));
	check_case(engine);
	for (size_t i = 0; i < engine->u.object.len; i++) {
		bool copied = true;

		for (size_t k = 0; k < sizeof(changed) / sizeof(*changed); k++)
			copied &= strcmp(engine->u.object.keys[i], changed[k]) != 0;
		CHECK(!copied || reference_equal(engine->u.object.values[i], reference_member(ours, engine->u.object.keys[i])));
	}
	for (size_t i = 0; YAJL_IS_ARRAY(rules) && i < rules->u.array.len; i++) {
		CHECK(YAJL_IS_OBJECT(rules->u.array.values[i]));
		check_case(rules->u.array.values[i]);
	}
}

static bool has_twins(yajl_val object)
{
	for (size_t i = 0; i < object->u.object.len; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(object->u.object.keys[i], object->u.object.keys[k]) == 0)
				return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct merge_problem problem = { NULL, 0 };
	struct reference_payload json;
	struct merge_options options;
	const char *text = (const char *)data + 1;
	yajl_val engine, ours;
	int n;

	if (size == 0)
		return 0;
	options = (struct merge_options){ data[0] & 1 ? "/run/\"a\\\n.sock" : NULL, data[0] & 2 ? "user=1:2" : NULL, data[0] & 4 };
	n = merge_profile(text, size - 1, &options, merged, &problem);
	if (n < 0) {
		CHECK((n == -EINVAL || n == -EBADMSG || n == -E2BIG) && problem.text && problem.offset < size);
		return 0;
	}
	CHECK(n <= (int)MERGED_MAX && !problem.text);
	reference_payload(data + 1, size - 1, &json);
	CHECK(json.json);
	reference_payload((const unsigned char *)merged, (size_t)n, &json);
	CHECK(json.json && json.consumed <= (size_t)n);
	engine = reference_tree(text, size - 1);
	ours = reference_tree(merged, (size_t)n);
	CHECK(YAJL_IS_OBJECT(engine) && YAJL_IS_OBJECT(ours));
	/* of two members with a name that decides about nothing, both are copied */
	if (engine && ours && !has_twins(engine)) {
		check_members(engine, ours, &options);
		check_rules(engine, ours);
	}
	yajl_tree_free(engine);
	yajl_tree_free(ours);
	return 0;
}
