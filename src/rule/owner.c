/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/owner.h"

#include <errno.h>
#include <pb_decode.h>
#include <pb_encode.h>

#include "base/limits.h"
#include "rootlesscontainers.pb.h"

struct owner owner_shown(struct owner record, struct owner host)
{
	return (struct owner){
		.cuid = record.cuid == OWNER_NONE ? host.cuid : record.cuid,
		.cgid = record.cgid == OWNER_NONE ? host.cgid : record.cgid,
	};
}

static uint32_t merge_id(uint32_t record, uint32_t want, uint32_t host)
{
	if (want == OWNER_NONE)
		return record;
	return want == host ? OWNER_NONE : want;
}

struct owner owner_merge(struct owner record, struct owner want, struct owner host)
{
	return (struct owner){
		.cuid = merge_id(record.cuid, want.cuid, host.cuid),
		.cgid = merge_id(record.cgid, want.cgid, host.cgid),
	};
}

bool owner_may_change(bool cap_chown, struct owner actor, struct owner shown, struct owner want)
{
	bool is_owner = actor.cuid == shown.cuid;

	if (cap_chown)
		return true;
	if (want.cuid != OWNER_NONE && !(is_owner && want.cuid == shown.cuid))
		return false;
	return want.cgid == OWNER_NONE || (is_owner && (want.cgid == shown.cgid || want.cgid == actor.cgid));
}

int owner_decode(const unsigned char *bytes, size_t n, struct owner *record)
{
	rootlesscontainers_Resource message = rootlesscontainers_Resource_init_zero;
	pb_istream_t stream;

	if (n > LIMIT_OVERRIDE_BYTES)
		return -EBADMSG;
	if (n == 0) {
		*record = (struct owner){ OWNER_NONE, OWNER_NONE };
		return 0;
	}
	stream = pb_istream_from_buffer(bytes, n);
	if (!pb_decode(&stream, rootlesscontainers_Resource_fields, &message))
		return -EBADMSG;
	*record = (struct owner){ .cuid = message.uid, .cgid = message.gid };
	return 0;
}

size_t owner_encode(struct owner record, unsigned char bytes[static OWNER_ENCODED_MAX])
{
	rootlesscontainers_Resource message = { .uid = record.cuid, .gid = record.cgid };
	pb_ostream_t stream = pb_ostream_from_buffer(bytes, OWNER_ENCODED_MAX);

	/* cannot fail: the buffer holds the longest message */
	if (!pb_encode(&stream, rootlesscontainers_Resource_fields, &message))
		return 0;
	if (stream.bytes_written > 0)
		return stream.bytes_written;
	/* fields that are 0 are left out, but an empty value would record nothing: say uid = 0 */
	bytes[0] = rootlesscontainers_Resource_uid_tag << 3;
	bytes[1] = 0;
	return 2;
}
