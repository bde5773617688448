/* SPDX-License-Identifier: Apache-2.0 */
/* Input: an id, a value, an error, steps that change a verdict, and a struct statx. What is missing is zero. */
#include "fuzz.h"

#include <errno.h>
#include <linux/stat.h>
#include <string.h>

#include "base/util.h"
#include "reference-stat.h"
#include "reply/reply.h"
#include "reply/statabi.h"
#include "reply/verdict.h"

/* As it stands in memory. */
struct input {
	uint64_t id;
	int64_t value;
	uint16_t error; /* 1 to 4095, the errors that a call can have */
	uint8_t steps[6];
	struct statx stx;
};

_Static_assert(sizeof(struct input) == 24 + REFERENCE_STATX, "no padding");

/* What decode() lets through. */
static const struct layout { enum abi abi; unsigned int traits; } layouts[] = {
	{ ABI_X86_64, STAT }, { ABI_X86_64, STATX }, { ABI_X32, STAT }, { ABI_X32, STATX }, { ABI_AARCH64, STAT },
	{ ABI_AARCH64, STATX }, { ABI_I386, STAT }, { ABI_I386, STATX }, { ABI_I386, STAT64 }, { ABI_I386, OLDSTAT },
};

static const uint8_t *bytes_of(const struct input *in)
{
	return (const uint8_t *)&in->stx;
}

/* Every byte of the length is the kernel's, and none behind it is touched, whatever stood there. */
static void check_layout(const struct layout *l, const struct input *in)
{
	uint8_t want[REFERENCE_STATX], got[STATABI_MAX + 16];
	int length = reference_stat(l->abi, MAY_CONTINUE | l->traits, bytes_of(in), want);

	for (int before = 0x5a; before <= 0xa5; before += 0xa5 - 0x5a) {
		memset(got, before, sizeof(got));
		CHECK(statabi_encode(l->abi, MAY_CONTINUE | l->traits, &in->stx, got) == length);
		CHECK(length < 0 || memcmp(got, want, (size_t)length) == 0);
		for (size_t i = length < 0 ? 0 : (size_t)length; i < sizeof(got); i++)
			CHECK(got[i] == before);
	}
}

/* What is to be written to the caller. */
struct written {
	size_t n_places, length;
	uint8_t bytes[VERDICT_PLACES * REFERENCE_STATX];
};

/* What a stat handler does with a verdict, as often as there is room for; the errno, or 0. */
static int stat_step(const struct layout *l, const struct input *in, struct verdict *v, struct written *want)
{
	int r = statabi_encode(l->abi, l->traits, &in->stx, v->bytes + v->length);
	int length = reference_stat(l->abi, l->traits, bytes_of(in), want->bytes + want->length);

	if (r < 0) {
		verdict_errno(v, REASON_bad_buffer, r);
	} else {
		verdict_place(v, in->id + v->n_places, (size_t)r);
		verdict_return(v, 0);
	}
	if (length < 0) {
		want->n_places = want->length = 0;
		return length;
	}
	want->n_places++;
	want->length += (size_t)length;
	return 0;
}

static void check_places(const struct verdict *v, const struct input *in, const struct written *want)
{
	size_t sum = 0;

	CHECK(v->n_places == want->n_places && v->length == want->length && memcmp(v->bytes, want->bytes, v->length) == 0);
	for (size_t i = 0; i < want->n_places; i++) {
		CHECK(v->places[i].t_addr == in->id + i);
		sum += v->places[i].length;
	}
	CHECK(sum == want->length);
}

/* One after the other, as if a handler had changed its mind: the last one counts, and an error takes back the bytes. */
static void check_steps(const struct input *in)
{
	static struct verdict v;
	struct written written = { 0 };
	int error = 1 + in->error % 4095;

	memset(&v, in->steps[0], sizeof(v) - sizeof(v.bytes));
	v.kernel = false;
	v.error = 0;
	v.n_places = v.length = 0;
	for (size_t i = 0; i < sizeof(in->steps); i++) {
		struct seccomp_notif_resp resp, want = { .id = in->id };
		uint8_t step = in->steps[i] % 4;

		memset(&resp, 0x5a, sizeof(resp));
		if (v.n_places == VERDICT_PLACES) /* another call begins */
			v.n_places = v.length = written.n_places = written.length = 0;
		if (step == 0) {
			verdict_continue(&v, REASON_isolation);
			want.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		} else if (step == 1) {
			verdict_errno(&v, REASON_path, in->steps[i] & 4 ? error : -error);
			v.value = in->steps[i] & 8 ? in->value : 0;
			want.error = -error;
			written.n_places = written.length = 0;
		} else if (step == 2) {
			verdict_return(&v, in->value);
			want.val = in->value;
		} else {
			want.error = stat_step(&layouts[in->steps[i] / 4 % ARRAY_SIZE(layouts)], in, &v, &written);
		}
		reply_encode(&v, in->id, &resp);
		CHECK(memcmp(&resp, &want, sizeof(resp)) == 0);
		CHECK(v.kernel == (step == 0));
		CHECK(v.kernel || v.error == -want.error);
		check_places(&v, in, &written);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;

	memset(&in, 0, sizeof(in));
	memcpy(&in, data, size < sizeof(in) ? size : sizeof(in));
	reference_limit_devices((uint8_t *)&in.stx);
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		check_layout(&layouts[i], &in);
	check_steps(&in);
	return 0;
}
