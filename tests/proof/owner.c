/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners, for all values of all ids: what is shown, merged and permitted is what chown(2) and the comments of owner.h say;
 * and around nanopb, of which only what it documents is assumed: that it may fail and leave half of a message behind.
 */
#include "proof.h"

#include <errno.h>
#include <pb_decode.h>
#include <pb_encode.h>

#include "base/limits.h"
#include "rootlesscontainers.pb.h"
#include "rule/owner.h"

static const unsigned char value[LIMIT_OVERRIDE_BYTES + 8];
static size_t value_size;
static rootlesscontainers_Resource decoded, encoded;
static unsigned int calls;
static bool succeeds;

pb_istream_t pb_istream_from_buffer(const pb_byte_t *buf, size_t size)
{
	pb_istream_t stream = { .bytes_left = size };

	PROVE(buf == value && size == value_size, "the codec gets the value, whole");
	return stream;
}

bool pb_decode(pb_istream_t *stream, const pb_msgdesc_t *fields, void *message)
{
	PROVE(stream->bytes_left <= LIMIT_OVERRIDE_BYTES, "no longer value is looked at");
	PROVE(fields == &rootlesscontainers_Resource_msg, "as the message that it is");
	calls++;
	*(rootlesscontainers_Resource *)message = decoded; /* when it fails as well */
	return succeeds;
}

pb_ostream_t pb_ostream_from_buffer(pb_byte_t *buf, size_t size)
{
	pb_ostream_t stream = { .state = buf, .max_size = size };

	PROVE(size == OWNER_ENCODED_MAX, "the codec knows how much room there is");
	return stream;
}

bool pb_encode(pb_ostream_t *stream, const pb_msgdesc_t *fields, const void *message)
{
	size_t n = nondet_size();

	PROVE(fields == &rootlesscontainers_Resource_msg, "as the message that it is");
	encoded = *(const rootlesscontainers_Resource *)message;
	calls++;
	/* a field that is 0 takes no bytes; any other its tag and one byte at least */
	ASSUME(n <= stream->max_size);
	ASSUME(n >= 2U * (encoded.uid != 0) + 2U * (encoded.gid != 0) && (n == 0) == (encoded.uid == 0 && encoded.gid == 0));
	for (size_t i = 0; i < n; i++)
		((unsigned char *)stream->state)[i] = (unsigned char)nondet_char();
	stream->bytes_written = n;
	return succeeds;
}

static struct owner any_owner(void)
{
	return (struct owner){ nondet_u32(), nondet_u32() };
}

static void prove_decode(void)
{
	struct owner before = any_owner(), record = before;
	size_t n = nondet_size();
	int r;

	value_size = n;
	calls = 0;
	r = owner_decode(value, n, &record);
	PROVE(r == 0 || (r == -EBADMSG && owner_equal(record, before)), "a refused value leaves the record as it was");
	PROVE((r == 0) == (n == 0 || (n <= LIMIT_OVERRIDE_BYTES && succeeds)), "refused is what is too long or is no message");
	PROVE(calls == (n > 0 && n <= LIMIT_OVERRIDE_BYTES), "decoded once, or not at all");
	if (r == 0 && n == 0)
		PROVE(owner_is_none(record), "an empty value records nothing");
	else if (r == 0)
		PROVE(record.cuid == decoded.uid && record.cgid == decoded.gid, "a record holds what was decoded");
}

static void prove_encode(void)
{
	unsigned char bytes[OWNER_ENCODED_MAX + 1] = { 0 };
	struct owner record = any_owner();
	size_t n;

	bytes[OWNER_ENCODED_MAX] = 0xa5;
	calls = 0;
	n = owner_encode(record, bytes);
	PROVE(bytes[OWNER_ENCODED_MAX] == 0xa5, "nothing is written behind the room");
	PROVE(calls == 1 && encoded.uid == record.cuid && encoded.gid == record.cgid, "what is recorded is what is encoded");
	PROVE(n <= OWNER_ENCODED_MAX && (n != 0) == succeeds, "a value is never empty, for that would record nothing");
	if (succeeds && record.cuid == 0 && record.cgid == 0)
		PROVE(n == 2 && bytes[0] == 0x08 && bytes[1] == 0, "uid = 0 is written out, and gid = 0 what is left out means");
}

/* One half; the other follows the same rule with the other id. */
static void prove_half(uint32_t record, uint32_t want, uint32_t host, uint32_t merged, uint32_t before, uint32_t after)
{
	PROVE(before == (record == OWNER_NONE ? host : record), "shown: what is recorded, or else what the host has");
	if (want == OWNER_NONE)
		PROVE(merged == record, "-1 keeps the record");
	else
		PROVE(host == OWNER_NONE || after == want, "a change is seen");
	PROVE(want == OWNER_NONE || want != host || merged == OWNER_NONE, "what the host has anyway is not recorded");
}

static void prove_rules(void)
{
	struct owner record = any_owner(), want = any_owner(), host = any_owner(), actor = any_owner();
	struct owner merged = owner_merge(record, want, host), before = owner_shown(record, host), after = owner_shown(merged, host);
	bool cap = nondet_bool(), may = owner_may_change(cap, actor, before, want);

	prove_half(record.cuid, want.cuid, host.cuid, merged.cuid, before.cuid, after.cuid);
	prove_half(record.cgid, want.cgid, host.cgid, merged.cgid, before.cgid, after.cgid);
	PROVE(!cap || may, "CAP_CHOWN permits all");
	PROVE(!may || cap || actor.cuid == before.cuid || owner_is_none(want), "without it only the owner changes anything");
	PROVE(!may || cap || want.cuid == OWNER_NONE || want.cuid == before.cuid, "and gives no file away");
	PROVE(!may || cap || want.cgid == OWNER_NONE || want.cgid == before.cgid || want.cgid == actor.cgid,
	      "and to no group but its own");
	PROVE(may || !(actor.cuid == before.cuid && want.cuid == OWNER_NONE && want.cgid == actor.cgid), "but to that it may");
	PROVE(may || !owner_is_none(want), "and nothing is always permitted");
}

int main(void)
{
	decoded = (rootlesscontainers_Resource){ .uid = nondet_u32(), .gid = nondet_u32() };
	succeeds = nondet_bool();
	prove_decode();
	prove_encode();
	prove_rules();
	return 0;
}
