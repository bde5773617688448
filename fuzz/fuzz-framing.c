/* SPDX-License-Identifier: Apache-2.0 */
/* Input: what each message brings, a header of up to four bytes, and its bytes; at most as much as fits into one read. */
#include "fuzz.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/log.h"
#include "decode/payload.h"
#include "fake-socket.h"
#include "serve/greeter.h"

#define STREAM_MAX (1 << 14)

/* for control data: the most that a sender can send, and what aligns it */
#define ROOM CMSG_SPACE(LIMIT_MESSAGE_FDS * sizeof(int))

void __wrap_log_line(enum log_level level, const char *format, ...) PRINTF(2, 3);

void __wrap_log_line(enum log_level level, const char *format, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, format);
	CHECK(level == LOG_LEVEL_DEBUG && vsnprintf(line, sizeof(line), format, ap) < (int)sizeof(line));
	va_end(ap);
	for (const char *c = line; *c; c++)
		CHECK(*c >= ' ' && *c < 0x7f);
}

/* Messages of the input: a shape, then unless it brings nothing: length (255: all there is), descriptors, which listen. */
static size_t parse(const uint8_t *data, size_t size, uint8_t stream[static STREAM_MAX], struct arrival *script, size_t most)
{
	size_t at = 0, used = 0, n = 0;

	while (at < size && n < most) {
		struct arrival *a = &script[n++];

		*a = (struct arrival){ .shape = data[at++] % SHAPE_COUNT, .bytes = stream + used };
		if (a->shape >= INTERRUPTED || size - at < 3)
			continue;
		a->length = data[at] == 255 || data[at] > size - at - 3 ? size - at - 3 : data[at];
		a->length = a->length < STREAM_MAX - used ? a->length : STREAM_MAX - used;
		a->fds = data[at + 1];
		a->listeners = data[at + 2];
		memcpy(stream + used, data + at + 3, a->length);
		used += a->length;
		at += 3 + a->length;
	}
	return n;
}

/* The same bytes as single ones, with what came along at the first. */
static size_t split(const struct arrival *from, size_t n, struct arrival *to)
{
	size_t count = 0;

	for (const struct arrival *a = from; a < from + n; a++) {
		to[count++] = *a;
		for (size_t i = 1; i < a->length; i++)
			to[count++] = (struct arrival){ .bytes = a->bytes + i, .length = 1 };
		if (a->length > 0)
			to[count - (a->length > 1 ? a->length : 1)].length = 1;
	}
	return count;
}

/* The same in as few messages as possible: what brings nothing but bytes arrives with the one before. */
static size_t join(const struct arrival *from, size_t n, struct arrival *to)
{
	size_t count = 0;

	for (const struct arrival *a = from; a < from + n; a++) {
		struct arrival *last = count > 0 ? &to[count - 1] : NULL;

		if (a->shape == INTERRUPTED)
			continue;
		if (last && last->length > 0 && a->shape == WHOLE && a->fds == 0 && a->length > 0)
			last->length += a->length;
		else
			to[count++] = *a;
	}
	return count;
}

/* Why a message ends the connection: -errno; 0: it does not. */
static int status(const struct arrival *a)
{
	size_t before = a->shape == TWO ? a->fds / 2 : 0;
	size_t needed = (before ? CMSG_SPACE(before * sizeof(int)) : 0) + CMSG_LEN((a->fds - before) * sizeof(int));

	if (a->shape == FAILED)
		return -ECONNRESET;
	if (a->shape >= TRUNCATED || (a->fds > 0 && needed > ROOM))
		return -EBADMSG;
	return a->length == 0 ? -ENODATA : 0;
}

/* Which of the first message's descriptors is to be returned, or -errno, from all bytes at once. */
static int expected(const struct arrival *script, size_t n)
{
	static struct payload_scan scan;
	struct payload payload;
	size_t length = 0, i = 0;
	int r, stop = -ENODATA;

	for (i = 0; i < n && (stop = status(&script[i])) == 0; i++)
		length += script[i].length;
	if (i == 0)
		return stop;
	payload.fd_index = 0;
	if (script->bytes[0] == '{') {
		payload_scan_init(&scan);
		r = payload_scan_feed(&scan, (const char *)script->bytes, length);
		if (r == 0)
			return i < n ? stop : -ENODATA;
		r = payload_decode(&scan, &payload);
		if (r < 0)
			return r;
	} else if (script->fds != 1) {
		return -EBADMSG;
	}
	if (payload.fd_index >= script->fds || payload.fd_index >= LIMIT_MESSAGE_FDS)
		return -EBADMSG;
	return script->listeners >> payload.fd_index % 8 & 1 ? (int)payload.fd_index : -EBADF;
}

static void check(const struct arrival *script, size_t n, int want)
{
	int r;

	fake_socket_start(script, n);
	r = greeter_receive(FAKE_SOCKET, &(struct first_user){ 0 }, &(bool){ false });
	fake_socket_stop(r);
	CHECK(r == (want < 0 ? want : FAKE_SOCKET_FIRST_FD + want));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arrival script[64], other[STREAM_MAX + ARRAY_SIZE(script)];
	static uint8_t stream[STREAM_MAX];
	size_t n = parse(data, size, stream, script, ARRAY_SIZE(script));
	int want = expected(other, join(script, n, other));

	if (log_level != LOG_LEVEL_DEBUG)
		fake_socket_check();
	log_level = LOG_LEVEL_DEBUG;
	check(other, join(script, n, other), want);
	check(script, n, want);
	check(other, split(script, n, other), want);
	return 0;
}
