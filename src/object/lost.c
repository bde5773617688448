/* SPDX-License-Identifier: Apache-2.0 */
#include "object/lost.h"

#include <pthread.h>
#include <string.h>

#include "base/limits.h"
#include "object/fsclock.h"

static struct {
	pthread_mutex_t lock;
	unsigned int next;
	uint32_t n; /* how many may be there */
	struct lost {
		int64_t when; /* by CLOCK_BOOTTIME */
		struct seccomp_notif notif;
		struct intent made;
	} calls[LIMIT_LOST];
} lost = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_repeated(const struct seccomp_notif *before, const struct seccomp_notif *notif)
{
	return before->pid == notif->pid && before->id != notif->id && memcmp(&before->data, &notif->data, sizeof(notif->data)) == 0;
}

void lost_keep(const struct seccomp_notif *notif, const struct intent *made)
{
	pthread_mutex_lock(&lost.lock);
	lost.calls[lost.next++ % LIMIT_LOST] = (struct lost){ fsclock_now(), *notif, *made };
	__atomic_store_n(&lost.n, lost.next < LIMIT_LOST ? lost.next : LIMIT_LOST, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lost.lock);
}

static bool take(const struct seccomp_notif *notif, struct intent *made)
{
	int64_t now = fsclock_now();
	bool found = false;

	pthread_mutex_lock(&lost.lock);
	for (uint32_t i = 0; i < lost.n && !found; i++) {
		struct lost *call = &lost.calls[i];

		found = call->when > now - LOST_SECONDS * NS_PER_S && is_repeated(&call->notif, notif);
		if (found) {
			*made = call->made;
			call->when = INT64_MIN;
		}
	}
	pthread_mutex_unlock(&lost.lock);
	return found;
}

bool lost_find(const struct seccomp_notif *in_hand, const struct intent *intents, size_t n, const struct seccomp_notif *notif, struct intent *made)
{
	struct intent intent;

	for (size_t i = 0; i < n; i++) {
		const struct seccomp_notif *other = &in_hand[i];

		/* what is just being written there by another thread is at worst no call of this task's */
		if (__atomic_load_n(&other->id, __ATOMIC_ACQUIRE) == 0 || !is_repeated(other, notif))
			continue;
		intent = intents[i];
		if (intent.id == other->id) {
			*made = intent;
			return true;
		}
	}
	return __atomic_load_n(&lost.n, __ATOMIC_ACQUIRE) > 0 && take(notif, made);
}
