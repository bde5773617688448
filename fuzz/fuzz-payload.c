/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "decode/payload.h"
#include "reference-payload.h"

static struct payload_scan whole, split, again;

/* The input decides where it is split; each scan gets other bytes behind its end, which must not be looked at. */
static void scan(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	int r = 0;

	payload_scan_init(&whole);
	CHECK(payload_scan_feed(&whole, bytes, size) == whole.status);
	payload_scan_init(&split);
	for (size_t i = 0, n; i < size; i += n) {
		n = 1 + data[i] % 8 * (data[size - 1] % 2);
		n = n < size - i ? n : size - i;
		r = payload_scan_feed(&split, bytes + i, n);
	}
	CHECK(r == split.status && r == whole.status);
	CHECK(split.length == whole.length && memcmp(split.bytes, whole.bytes, whole.length) == 0);
	CHECK(whole.length <= size && memcmp(whole.bytes, data, whole.length) == 0);
	CHECK(whole.status != 0 || whole.length == size);
	memset(whole.bytes + whole.length, '"', PAYLOAD_MAX - whole.length < 64 ? PAYLOAD_MAX - whole.length : 64);
	memset(split.bytes + split.length, '7', PAYLOAD_MAX - split.length < 64 ? PAYLOAD_MAX - split.length : 64);
}

static void check_scan(const uint8_t *data, size_t size, const struct reference_payload *ref)
{
	switch (whole.status) {
	case 1:
		CHECK(ref->json && ref->consumed == whole.length && reference_utf8(data, whole.length));
		CHECK(data[whole.length - 1] == '}');
		break;
	case 0:
		CHECK(!ref->json && !ref->broken);
		break;
	case -EBADMSG:
		/* yajl takes other top levels than objects too, more white space, and some sequences that are no UTF-8 */
		CHECK(!ref->json || data[strspn(whole.bytes, " \t\r\n")] != '{' || memchr(data, '\v', ref->consumed) ||
		      memchr(data, '\f', ref->consumed) || !reference_utf8(data, ref->consumed));
		break;
	default:
		CHECK(whole.status == -E2BIG && (whole.depth == PAYLOAD_DEPTH_MAX || size > PAYLOAD_MAX));
	}
}

static void check_label(const char *label, const struct reference_label *ref)
{
	CHECK(memchr(label, '\0', PAYLOAD_LABEL_MAX));
	if (ref->count == 0)
		CHECK(label[0] == '\0');
	else if (!strchr(label, '\\') && strlen(label) < PAYLOAD_LABEL_MAX - 1)
		CHECK(strlen(label) == ref->length && memcmp(label, ref->text, ref->length) == 0);
	else if (!strchr(label, '\\'))
		CHECK(ref->length >= PAYLOAD_LABEL_MAX - 1 && memcmp(label, ref->text, PAYLOAD_LABEL_MAX - 1) == 0);
}

static bool same(const struct payload *a, const struct payload *b)
{
	return a->fd_index == b->fd_index && a->pid == b->pid && a->has_metadata == b->has_metadata &&
	       strcmp(a->id, b->id) == 0 && strcmp(a->metadata, b->metadata) == 0;
}

/* What was read, written again as a runtime would, reads the same. */
static void check_round_trip(const struct payload *p)
{
	struct payload copy;
	char json[4096] = "{\"fds\":[";
	size_t n = strlen(json);

	if (strlen(p->id) == PAYLOAD_LABEL_MAX - 1 || strlen(p->metadata) == PAYLOAD_LABEL_MAX - 1)
		return; /* perhaps cut within an escape */
	for (unsigned int i = 0; i < p->fd_index; i++)
		n += (size_t)snprintf(json + n, sizeof(json) - n, "\"\",");
	snprintf(json + n, sizeof(json) - n, "\"seccompFd\"],\"pid\":%lld,%s%s%s\"state\":{\"id\":\"%s\"}}", (long long)p->pid,
		 p->has_metadata ? "\"metadata\":\"" : "", p->metadata, p->has_metadata ? "\"," : "", p->id);
	payload_scan_init(&again);
	CHECK(payload_scan_feed(&again, json, strlen(json)) == 1);
	CHECK(payload_decode(&again, &copy) == 0 && same(p, &copy));
}

static void check_decode(const struct reference_payload *ref)
{
	struct payload p, twin, before;
	int r;

	memset(&p, 0xa5, sizeof(p));
	before = p;
	r = payload_decode(&whole, &p);
	twin = before;
	CHECK(payload_decode(&split, &twin) == r && (r != 0 || same(&p, &twin)));
	CHECK((r == -E2BIG) == (whole.status == -E2BIG || (whole.status == 1 && ref->tokens > PAYLOAD_TOKENS_MAX)));
	if (r != 0) {
		CHECK(r == -E2BIG || r == -EBADMSG);
		CHECK(memcmp(&p, &before, sizeof(p)) == 0);
		/* names with escapes are refused on purpose */
		CHECK(r == -E2BIG || whole.status != 1 || !ref->accepted || memchr(whole.bytes, '\\', whole.length));
		return;
	}
	CHECK(ref->accepted && p.fd_index == (unsigned int)ref->listener && p.pid == ref->pid && p.pid >= 0);
	CHECK(p.has_metadata == (ref->metadata.count == 1));
	check_label(p.id, &ref->id);
	check_label(p.metadata, &ref->metadata);
	check_round_trip(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reference_payload ref;

	scan(data, size);
	reference_payload(data, size, &ref);
	check_scan(data, size, &ref);
	check_decode(&ref);
	return 0;
}
