/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "rule/owner.h"

/*
 * A decoder of the same message, written from protobuf's description of its wire format. A parser is free in some
 * things, and nanopb's choice is the expected one: values above 32 bits and other wire types of known fields are refused.
 */
enum outcome { REFUSED, ACCEPTED, EITHER };

struct input {
	const uint8_t *at, *end;
	bool unclear; /* nanopb takes some malformed varints outside our fields: such a value may also be accepted */
};

/* The value of a varint; false when it is cut off or has more than 64 bits. */
static bool varint(struct input *in, uint64_t *value)
{
	*value = 0;
	for (int i = 0; in->at < in->end; i++) {
		uint8_t byte = *in->at++;

		if (i == 9 && byte > 1)
			return false;
		*value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool skip(struct input *in, uint64_t n)
{
	if (n > (uint64_t)(in->end - in->at))
		return false;
	in->at += n;
	return true;
}

static bool skip_unknown(struct input *in, unsigned int type)
{
	const uint8_t *start = in->at;
	uint64_t value;

	switch (type) {
	case 0:
		if (varint(in, &value))
			return true;
		for (in->at = start; in->at < in->end;)
			if (!(*in->at++ & 0x80))
				return in->unclear = true;
		return false;
	case 1:
		return skip(in, 8);
	case 2:
		return varint(in, &value) && skip(in, value);
	case 5:
		return skip(in, 4);
	default:
		return false; /* groups, which proto3 does not have, and types that do not exist */
	}
}

static enum outcome reference(const uint8_t *bytes, size_t n, struct owner *o)
{
	struct input in = { bytes, bytes + n, false };
	uint64_t tag, value;

	*o = n == 0 ? (struct owner){ UINT32_MAX, UINT32_MAX } : (struct owner){ 0, 0 };
	while (in.at < in.end) {
		if (!varint(&in, &tag) || tag >> 3 == 0)
			return REFUSED;
		in.unclear |= tag > UINT32_MAX;
		if (tag >> 3 > 2) {
			if (!skip_unknown(&in, tag & 7))
				return REFUSED;
			continue;
		}
		if ((tag & 7) != 0 || !varint(&in, &value) || value > UINT32_MAX)
			return REFUSED;
		*(tag >> 3 == 1 ? &o->cuid : &o->cgid) = (uint32_t)value;
	}
	return in.unclear ? EITHER : ACCEPTED;
}

static void check_decode(const uint8_t *data, size_t size, struct owner *got)
{
	const struct owner before = *got;
	struct owner want;
	enum outcome outcome = reference(data, size, &want);
	int r = owner_decode(data, size, got);

	CHECK(r == 0 || r == -EBADMSG);
	CHECK(r == 0 || owner_equal(*got, before));
	CHECK(r == 0 || size > LIMIT_OVERRIDE_BYTES || outcome != ACCEPTED);
	CHECK(r != 0 || (size <= LIMIT_OVERRIDE_BYTES && outcome != REFUSED && owner_equal(*got, want)));
}

static void check_round_trip(struct owner record)
{
	unsigned char bytes[OWNER_ENCODED_MAX + 4], again[OWNER_ENCODED_MAX];
	struct owner same = { 1, 2 };
	size_t n;

	memset(bytes, 0xa5, sizeof(bytes));
	n = owner_encode(record, bytes);
	CHECK(n > 0 && n <= OWNER_ENCODED_MAX);
	for (size_t i = OWNER_ENCODED_MAX; i < sizeof(bytes); i++)
		CHECK(bytes[i] == 0xa5);
	CHECK(reference(bytes, n, &same) == ACCEPTED && owner_equal(record, same));
	CHECK(owner_decode(bytes, n, &same) == 0 && owner_equal(record, same));
	CHECK(owner_encode(same, again) == n && memcmp(bytes, again, n) == 0);
}

/* One half of the merge, said as what a later stat must show. */
static void check_half(uint32_t record, uint32_t want, uint32_t host, uint32_t merged, uint32_t shown)
{
	if (want == OWNER_NONE)
		CHECK(merged == record && shown == (record == OWNER_NONE ? host : record));
	else
		CHECK(shown == want && (merged == OWNER_NONE) == (want == host));
}

static void check_merge(struct owner record, struct owner want, struct owner host)
{
	struct owner merged = owner_merge(record, want, host);
	struct owner shown = owner_shown(merged, host);

	check_half(record.cuid, want.cuid, host.cuid, merged.cuid, shown.cuid);
	check_half(record.cgid, want.cgid, host.cgid, merged.cgid, shown.cgid);
}

/* chown(2) by cases: who changes nothing or has the capability may; others need to own it, and keep the uid. */
static void check_permission(struct owner actor, struct owner shown, struct owner want)
{
	bool changes_uid = want.cuid != OWNER_NONE;
	bool changes_gid = want.cgid != OWNER_NONE;
	bool owns = actor.cuid == shown.cuid;
	bool keeps = want.cuid == shown.cuid;
	bool own_group = want.cgid == shown.cgid || want.cgid == actor.cgid;

	CHECK(owner_may_change(true, actor, shown, want));
	CHECK(owner_may_change(false, actor, shown, want) ==
	      ((!changes_uid && !changes_gid) || (owns && (!changes_uid || keeps) && (!changes_gid || own_group))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint32_t ids[] = { 0, 1, 65534, (uint32_t)size, 0xfffffffe, OWNER_NONE };
	struct owner record = { 0x12345678, 0x9abcdef0 };

	check_decode(data, size, &record);
	check_round_trip(record);
	for (size_t i = 0; i < 6 * 6 * 6; i++)
		check_permission((struct owner){ ids[i % 3], ids[i / 6 % 5] }, (struct owner){ ids[i / 36 % 3], ids[i % 5] },
				 (struct owner){ ids[i % 6], ids[i / 36] });
	for (size_t want = 0; want < ARRAY_SIZE(ids); want++)
		for (size_t host = 0; host < ARRAY_SIZE(ids) - 1; host++) /* none is no id of a host */
			check_merge(record, (struct owner){ ids[want], ids[ARRAY_SIZE(ids) - 1 - want] },
				    (struct owner){ ids[host], ids[(host + want) % (ARRAY_SIZE(ids) - 1)] });
	return 0;
}
