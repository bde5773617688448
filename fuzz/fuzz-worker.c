/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: what the disk has, bits of the container, then calls: six arguments of 32 bits, which call, which ABI, bits of the task, how
 * long its memory and the list of failures are; then these two. See fake-kernel.h for what there is.
 */
#include "fuzz.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

#include "base/util.h"
#include "cred/cookie.h"
#include "decode/decode.h"
#include "fake-kernel.h"
#include "fake-process.h"
#include "model-worker.h"
#include "object/identity.h"
#include "object/object.h"
#include "reference-table.h"
#include "seccomp/notif.h"
#include "serve/job.h"
#include "serve/slot.h"

#define CALLS_MAX 32
#define CALL_SIZE 29

/* By number: a row's, or as it comes, which is none's. */
static int number_of(unsigned int call, enum abi abi)
{
	static const uint32_t arch[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_AARCH64 };
	static int numbers[ABI_COUNT][CALL_COUNT];
	int *number = call < CALL_COUNT ? &numbers[abi][call] : NULL;

	if (!number)
		return (int)call * 8;
	if (*number == 0) /* read(2) in some, which is no row */
		*number = abi == ABI_I386 && call == CALL_getsockopt ? 365 : abi == ABI_I386 && call == CALL_bind ? 361 : /* which libseccomp does not say */
			  reference_newest(syscall_rows[call].name) >= 0 ? reference_newest(syscall_rows[call].name) :
			  seccomp_syscall_resolve_name_arch(arch[abi], syscall_rows[call].name);
	return *number < 0 ? 1000 : *number; /* a call that this ABI has not */
}

/* A call of these bytes: how many they are, or 0. */
static size_t parse(const uint8_t *data, size_t size, struct seccomp_notif *notif, uint32_t *deaths)
{
	static const uint32_t arch[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64 };
	const uint8_t *h = data + 24;
	int32_t args[6];

	if (size < CALL_SIZE || size - CALL_SIZE < h[3] + 2U * h[4])
		return 0;
	memcpy(args, data, sizeof(args));
	for (int i = 0; i < 6; i++)
		notif->data.args[i] = (uint64_t)args[i];
	notif->data.arch = h[1] < ARRAY_SIZE(arch) ? arch[h[1]] : h[1];
	notif->data.nr = number_of(h[0], (enum abi)(h[1] % ABI_COUNT));
	notif->pid = h[2] & 64 ? 0 : 1000U + h[2];
	*deaths = h[2] >> 4 & 3;
	fake = (struct fake){
		.notif = notif, .locked = -1, .memory = data + CALL_SIZE, .size = h[3],
		.failures = (const uint8_t (*)[2])(data + CALL_SIZE + h[3]), .failing = h[4],
		.nested = h[2] & 1 && model_userns_differ(), .other_root = h[2] & 2 && model_roots_differ(),
		.capable = !(h[2] & 4), .path_fds = h[2] & 8, .hinted = h[2] & 128,
	};
	return CALL_SIZE + h[3] + 2U * h[4];
}

static uint64_t sum(const uint64_t *counters, size_t n)
{
	return n ? counters[0] + sum(counters + 1, n - 1) : 0;
}

static void serve(struct worker *w, struct job *j, bool worker_visible)
{
	uint64_t reasons[REASON_COUNT];
	bool hopeless = *j->deaths >= 2 || j->notif->pid == 0;

	memcpy(reasons, w->slot->reasons, sizeof(reasons));
	fake.worker_visible = worker_visible;
	fake.isolation = &w->slot->isolation;
	model_begin();
	CHECK(job_serve(w, j));
	fake.hinted = false; /* what the model asks for comes after the call */
	fake_end();
	if (hopeless)
		CHECK(fake.read == 0 && fake.effects == 0 && fake.response.error == (*j->deaths >= 2 ? -EIO : -ENOSYS));
	else
		model_end();
	CHECK(w->slot->isolation == ((model_roots_differ() ? ROOTS_MAY_DIFFER : 0U) | (model_userns_differ() ? USERNS_MAY_DIFFER : 0U) |
				     (model_is_confined() ? MAY_BE_CONFINED : 0U)));
	/* what was counted is what was sent, and of its kind */
	CHECK(sum(w->slot->reasons, REASON_COUNT) == sum(reasons, REASON_COUNT) + fake.delivered);
	CHECK(sum(w->slot->answers, CALL_COUNT) == w->slot->reasons[REASON_answered]);
	for (int reason = 0; reason < REASON_COUNT; reason++)
		CHECK(w->slot->reasons[reason] == reasons[reason] ||
		      (reason_infos[reason].kind == REASON_KIND_continue) == (fake.response.flags != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool bound;
	static struct slot slot;
	static struct job job;
	struct worker w = { .listener = FAKE_LISTENER, .host_proc = -1, .container = { -1, -1, -1 }, .slot = &slot };
	bool worker_visible;
	size_t n;

	if (!bound) {
		CHECK(notif_bind_numbers() == 0 && cookie_prepare() == 0);
		reference_bind_newest();
	}
	bound = true;
	object_init();
	identity_init(FAKE_CONTAINER);
	if (size < 2)
		return 0;
	memset(&slot, 0, sizeof(slot));
	memset(&job.hints, 0, sizeof(job.hints));
	memset(&job.verdict, 0, offsetof(struct verdict, bytes));
	job.notif = &slot.notifs[0];
	job.deaths = &slot.deaths[0];
	job.intent = &slot.intents[0];
	job_trace = data[1] & 1;
	slot.isolation = !(data[1] & 4) ? 0 : data[1] & 128 ? ROOTS_MAY_DIFFER : ROOTS_MAY_DIFFER | USERNS_MAY_DIFFER;
	model_start(data[0], slot.isolation & ROOTS_MAY_DIFFER, slot.isolation & USERNS_MAY_DIFFER);
	disk.old_kernel = data[1] & 8;
	if (data[1] & 64)
		slot.user = (struct first_user){ .given = true, .uid = 5, .gid = 6, .n_groups = 1, .groups = { 7 } };
	fake_processes_start(data[1] & 16, data[1] & 32, &slot.repeats);
	worker_visible = data[1] & 2;
	data += 2;
	size -= 2;
	for (uint64_t id = 1; id <= CALLS_MAX && (n = parse(data, size, job.notif, job.deaths)) > 0; id++) {
		job.notif->id = id;
		serve(&w, &job, worker_visible);
		data += n;
		size -= n;
	}
	return 0;
}
