/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-merge.h"

#include <stdlib.h>
#include <string.h>

/* The library's code does not tell the sanitizer of memory what it writes. */
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define WITH_MEMORY_SANITIZER
#endif
#endif
#ifdef WITH_MEMORY_SANITIZER
static void is_written(yajl_val v)
{
	if (!v)
		return;
	__msan_unpoison(v, sizeof(*v));
	if (YAJL_IS_STRING(v)) {
		__msan_unpoison_string(v->u.string);
	} else if (v->type == yajl_t_number) {
		__msan_unpoison_string(v->u.number.r);
	} else if (YAJL_IS_OBJECT(v)) {
		__msan_unpoison(v->u.object.keys, v->u.object.len * sizeof(*v->u.object.keys));
		__msan_unpoison(v->u.object.values, v->u.object.len * sizeof(*v->u.object.values));
		for (size_t i = 0; i < v->u.object.len; i++) {
			__msan_unpoison_string(v->u.object.keys[i]);
			is_written(v->u.object.values[i]);
		}
	} else if (YAJL_IS_ARRAY(v)) {
		__msan_unpoison(v->u.array.values, v->u.array.len * sizeof(*v->u.array.values));
		for (size_t i = 0; i < v->u.array.len; i++)
			is_written(v->u.array.values[i]);
	}
}
#else
#define __msan_scoped_disable_interceptor_checks()
#define __msan_scoped_enable_interceptor_checks()
#define is_written(v)
#endif

yajl_val reference_tree(const char *json, size_t n)
{
	char *copy = strndup(json, n);
	yajl_val tree;

	__msan_scoped_disable_interceptor_checks();
	tree = copy ? yajl_tree_parse(copy, NULL, 0) : NULL;
	__msan_scoped_enable_interceptor_checks();
	is_written(tree);
	free(copy);
	return tree;
}

yajl_val reference_member(yajl_val object, const char *name)
{
	for (size_t i = 0; YAJL_IS_OBJECT(object) && i < object->u.object.len; i++)
		if (strcmp(object->u.object.keys[i], name) == 0)
			return object->u.object.values[i];
	return NULL;
}

bool reference_equal(yajl_val a, yajl_val b)
{
	if (!a || !b || a->type != b->type)
		return a == b;
	switch (a->type) {
	case yajl_t_string:
		return strcmp(a->u.string, b->u.string) == 0;
	case yajl_t_number:
		return strcmp(a->u.number.r, b->u.number.r) == 0;
	case yajl_t_object:
		if (a->u.object.len != b->u.object.len)
			return false;
		for (size_t i = 0; i < a->u.object.len; i++)
			if (strcmp(a->u.object.keys[i], b->u.object.keys[i]) != 0 ||
			    !reference_equal(a->u.object.values[i], b->u.object.values[i]))
				return false;
		return true;
	case yajl_t_array:
		if (a->u.array.len != b->u.array.len)
			return false;
		for (size_t i = 0; i < a->u.array.len; i++)
			if (!reference_equal(a->u.array.values[i], b->u.array.values[i]))
				return false;
		return true;
	default:
		return true;
	}
}

static unsigned int hash_text(unsigned int hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash * 31 + 7;
}

static unsigned int hash_value(unsigned int hash, yajl_val v)
{
	if (YAJL_IS_STRING(v))
		return hash_text(hash, v->u.string);
	if (v && v->type == yajl_t_number)
		return hash_text(hash, v->u.number.r);
	for (size_t i = 0; YAJL_IS_OBJECT(v) && i < v->u.object.len; i++)
		hash = hash_value(hash_text(hash, v->u.object.keys[i]), v->u.object.values[i]);
	for (size_t i = 0; YAJL_IS_ARRAY(v) && i < v->u.array.len; i++)
		hash = hash_value(hash, v->u.array.values[i]);
	return v ? hash * 33 + (unsigned int)v->type : hash;
}

/* Does the rule count? Without conditions always; copies of a rule have the same. */
static bool counts(yajl_val rule, unsigned int seed)
{
	yajl_val in = reference_member(rule, "includes"), out = reference_member(rule, "excludes");
	bool depends = (YAJL_IS_OBJECT(in) && in->u.object.len > 0) || (YAJL_IS_OBJECT(out) && out->u.object.len > 0);

	return !depends || (hash_value(hash_value(seed * 2654435761U, in), out) >> 5) % 2 == 1;
}

bool reference_names(yajl_val rule, const char *name)
{
	yajl_val names = reference_member(rule, "names"), one = reference_member(rule, "name");

	if (YAJL_IS_STRING(one) && one->u.string[0])
		return strcmp(one->u.string, name) == 0;
	for (size_t i = 0; YAJL_IS_ARRAY(names) && i < names->u.array.len; i++)
		if (YAJL_IS_STRING(names->u.array.values[i]) && strcmp(names->u.array.values[i]->u.string, name) == 0)
			return true;
	return false;
}

static bool number(yajl_val object, const char *name, uint64_t *n)
{
	yajl_val v = reference_member(object, name);

	*n = 0;
	if (!v || v->type != yajl_t_number)
		return !v;
	*n = strtoull(v->u.number.r, NULL, 10);
	return strspn(v->u.number.r, "0123456789") == strlen(v->u.number.r);
}

/* 1, 0, or -1: not an argument that a runtime takes. */
static int matches(yajl_val arg, const uint64_t args[6], uint64_t *index)
{
	static const char *const ops[] = { "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ" };
	yajl_val op = reference_member(arg, "op");
	uint64_t value, two, x;
	size_t i = 0;

	if (!YAJL_IS_STRING(op) || !number(arg, "index", index) || !number(arg, "value", &value) || !number(arg, "valueTwo", &two) || *index > 5)
		return -1;
	while (i < 7 && strcmp(ops[i], op->u.string) != 0)
		i++;
	x = args[*index];
	switch (i) {
	case 0: return x != value;
	case 1: return x < value;
	case 2: return x <= value;
	case 3: return x == value;
	case 4: return x >= value;
	case 5: return x > value;
	case 6: return (two & ~value) != 0 ? -1 : (x & value) == two;
	default: return -1;
	}
}

/* All arguments have to match; but where two are about the same one, any. */
static int rule_matches(yajl_val list, const uint64_t args[6])
{
	int seen = 0, any = 0, all = 1, twice = 0;

	if (list->u.array.len > 6)
		return -1;
	for (size_t i = 0; i < list->u.array.len; i++) {
		uint64_t index;
		int r = matches(list->u.array.values[i], args, &index);

		if (r < 0)
			return r;
		twice |= seen >> index & 1;
		seen |= 1 << index;
		any |= r;
		all &= r;
	}
	return twice ? any : all;
}

static struct reference_answer answer_of(yajl_val object, const char *action, const char *error)
{
	yajl_val a = reference_member(object, action), e = reference_member(object, error);

	return (struct reference_answer){ YAJL_IS_STRING(a) ? a->u.string : NULL, e && e->type == yajl_t_number ? e->u.number.r : "" };
}

/* Only these two actions have a number; runtimes ignore it with any other. */
static bool alike(const struct reference_answer *a, const struct reference_answer *b)
{
	bool numbered = a->action && (strcmp(a->action, "SCMP_ACT_ERRNO") == 0 || strcmp(a->action, "SCMP_ACT_TRACE") == 0);

	return a->action && b->action && strcmp(a->action, b->action) == 0 && (!numbered || strcmp(a->error, b->error) == 0);
}

struct reference_answer reference_answer(yajl_val profile, const char *name, const uint64_t args[6], unsigned int seed)
{
	yajl_val rules = reference_member(profile, "syscalls");
	struct reference_answer none = answer_of(profile, "defaultAction", "defaultErrnoRet"), found = none;
	bool matched = false, contradicted = false;

	for (size_t i = 0; YAJL_IS_ARRAY(rules) && i < rules->u.array.len; i++) {
		yajl_val rule = rules->u.array.values[i], list = reference_member(rule, "args");
		struct reference_answer answer = answer_of(rule, "action", "errnoRet");
		int r;

		if (!counts(rule, seed) || !reference_names(rule, name) || alike(&answer, &none))
			continue;
		if (!YAJL_IS_ARRAY(list) || list->u.array.len == 0)
			return answer;
		r = rule_matches(list, args);
		contradicted |= r < 0 || (r > 0 && matched && !alike(&found, &answer));
		if (r > 0)
			found = answer;
		matched |= r > 0;
	}
	return contradicted ? (struct reference_answer){ NULL, "" } : found;
}
