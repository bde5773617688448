/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/pool.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/limits.h"
#include "base/log.h"
#include "object/lock.h"
#include "proc/task_fd.h"
#include "seccomp/notif.h"
#include "serve/job.h"
#include "serve/slot.h"

/* How many receive at most, and the calls after which one of them asks itself whether one or two should. */
#define PLACES 2
#define WINDOW 128

/* Ticks without a call after which the watch dozes until the next one. */
#define IDLE_TICKS 20

#define STACK_SIZE (64 * 1024)
#define SIGNAL_STAND_BY SIGUSR2

struct seat {
	uint32_t place;         /* futex: where this thread receives, plus one; 0: it stands by */
	uint32_t began;         /* odd while a call is being served */
	uint32_t seen;          /* began at the last tick */
	pid_t tid;
	unsigned int calls;     /* of this window; ... */
	unsigned int overlaps;  /* ... when they came, the other receiver was serving */
	unsigned int turns;     /* ... the call before was another task's */
	pid_t caller;
	size_t at;              /* which call of the slot's is this seat's */
};

/* Of each seat; apart from them, for most seats never serve and shall cost no memory. */
static struct job jobs[LIMIT_THREADS];

static struct {
	struct worker *worker;
	struct seat seats[LIMIT_THREADS];
	unsigned int n;
	uint32_t ready, go;     /* futexes */
	uint32_t dozes;         /* futex: the watch waits until it is 0 */
	struct seat *places[PLACES];
	pthread_mutex_t lock;   /* of places; nothing that can hang is done under it */
	cpu_set_t cpus;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static unsigned int threads = LIMIT_THREADS;

static void wait_while(uint32_t *word, uint32_t value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value)
		syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static void set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	wake(word);
}

static bool is_serving(const struct seat *s)
{
	return __atomic_load_n(&s->began, __ATOMIC_ACQUIRE) & 1;
}

static struct seat *at(int place)
{
	return __atomic_load_n(&pool.places[place], __ATOMIC_RELAXED);
}

/* One CPU for each of two receivers: or both might be woken on the caller's, one after the other. */
static void pin(const struct seat *s, int nth)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &pool.cpus) && nth-- == 0)
			CPU_SET(cpu, &one);
	if (sched_setaffinity(s->tid, sizeof(one), &one) < 0)
		log_debug("cannot pin a thread");
}

static void unpin(const struct seat *s)
{
	if (sched_setaffinity(s->tid, sizeof(pool.cpus), &pool.cpus) < 0)
		log_debug("cannot unpin a thread");
}

/* Lets a thread that stands by receive at a place. False: all others are busy. */
static bool fill(int place)
{
	for (unsigned int i = 0; i < pool.n; i++) {
		struct seat *s = &pool.seats[i];

		if (__atomic_load_n(&s->place, __ATOMIC_ACQUIRE) || is_serving(s))
			continue;
		s->calls = s->overlaps = s->turns = 0;
		__atomic_store_n(&pool.places[place], s, __ATOMIC_RELAXED);
		if (at(!place))
			pin(s, place);
		set(&s->place, (uint32_t)place + 1);
		return true;
	}
	return false;
}

/* A thread that is not serving now stops to receive, if need be after the call that it is just getting. */
static void stand_by(struct seat *s)
{
	unpin(s);
	set(&s->place, 0);
	if (!is_serving(s))
		syscall(SYS_tgkill, getpid(), s->tid, SIGNAL_STAND_BY);
}

/* A second receiver halves the time of calls that queue up; one that waits costs each call half as much again. */
static void choose_receivers(bool two)
{
	struct seat *second;

	pthread_mutex_lock(&pool.lock);
	second = pool.places[1];
	if (two && !second && CPU_COUNT(&pool.cpus) > 1 && fill(1)) {
		pin(pool.places[0], 0);
	} else if (!two && second) {
		__atomic_store_n(&pool.places[1], NULL, __ATOMIC_RELAXED);
		unpin(pool.places[0]);
		stand_by(second);
	}
	pthread_mutex_unlock(&pool.lock);
}

/*
 * After each call received at a place. Callers that take turns have to wait for one another; that the next call was there already
 * does not tell, since one caller alone is often faster than the return from SEND.
 */
static void count(struct seat *s, int place)
{
	struct seat *other = at(!place);
	pid_t caller = (pid_t)pool.worker->slot->notifs[s->at].pid;

	s->turns += caller != s->caller;
	s->caller = caller;
	s->overlaps += other && is_serving(other);
	if (++s->calls < WINDOW)
		return;
	if (other && s->overlaps < WINDOW / 8)
		choose_receivers(false);
	else if (!other && s->turns > WINDOW / 2)
		choose_receivers(true);
	s->calls = s->overlaps = s->turns = 0;
}

static void serve(struct seat *s)
{
	struct slot *slot = pool.worker->slot;
	struct job *job = &jobs[s - pool.seats];

	/* ordered with the watch, which says that it dozes before it looks once more */
	__atomic_add_fetch(&s->began, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&pool.dozes, __ATOMIC_SEQ_CST))
		set(&pool.dozes, 0);
	job->notif = &slot->notifs[s->at];
	job->deaths = &slot->deaths[s->at];
	job->intent = &slot->intents[s->at];
	job_serve(pool.worker, job);
	job->notif->id = 0;
	*job->deaths = 0;
	__atomic_add_fetch(&s->began, 1, __ATOMIC_RELEASE);
}

static void receive(struct seat *s, int place)
{
	int r = notif_receive(pool.worker->listener, &pool.worker->slot->notifs[s->at]);

	if (r == -ENOTCONN)
		_exit(EXIT_SUCCESS);
	if (r == 0) {
		count(s, place);
		serve(s);
	} else if (r != -ENOENT && r != -EINTR) {
		log_warn(r, "cannot receive notifications");
		_exit(EXIT_FAILURE);
	}
}

/* What a dead worker had in hand, of its threads and of those that could not be had again. */
static void resume(struct seat *s)
{
	struct slot *slot = pool.worker->slot;
	size_t own = s->at;

	for (; s->at < LIMIT_THREADS; s->at += pool.n)
		if (slot->notifs[s->at].id != 0)
			serve(s);
	s->at = own;
}

static void __attribute__((noreturn)) sit(struct seat *s)
{
	resume(s);
	for (;;) {
		uint32_t place = __atomic_load_n(&s->place, __ATOMIC_ACQUIRE);

		if (place) {
			receive(s, (int)place - 1);
		} else {
			task_fd_forget();
			wait_while(&s->place, 0);
		}
	}
}

/* All that threads need to begin, which the sandbox then forbids, is behind this one. */
static void wait_for_go(void)
{
	__atomic_add_fetch(&pool.ready, 1, __ATOMIC_ACQ_REL);
	wake(&pool.ready);
	wait_while(&pool.go, 0);
}

static void *be_seated(void *seat)
{
	struct seat *s = seat;

	s->tid = (pid_t)syscall(SYS_gettid);
	lock_init_thread((unsigned int)(s - pool.seats));
	/* a root and a working directory of its own: as_caller_enter_root() changes them */
	if (unshare(CLONE_FS) < 0)
		abort();
	wait_for_go();
	sit(s);
}

/* Has a receiver been in one call since the last tick? Another one takes over. */
static void relieve(int place)
{
	struct seat *s = pool.places[place];
	uint32_t began = s ? __atomic_load_n(&s->began, __ATOMIC_ACQUIRE) : 0;

	if (began & 1 && began == s->seen && fill(place))
		stand_by(s);
}

/* Did nothing begin or end since the last tick, and no receiver has anything to do? */
static bool tick(void)
{
	bool quiet = true;

	pthread_mutex_lock(&pool.lock);
	for (int place = 0; place < PLACES; place++) {
		relieve(place);
		quiet = quiet && !(pool.places[place] && is_serving(pool.places[place]));
	}
	for (unsigned int i = 0; i < pool.n; i++) {
		uint32_t began = __atomic_load_n(&pool.seats[i].began, __ATOMIC_SEQ_CST);

		quiet = quiet && began == pool.seats[i].seen;
		pool.seats[i].seen = began;
	}
	pthread_mutex_unlock(&pool.lock);
	return quiet;
}

static void *watch(void *unused)
{
	const struct timespec pause = { 0, POOL_TICK_MS * 1000000L };
	int quiet = 0;

	(void)unused;
	wait_for_go();
	for (;;) {
		quiet = tick() ? quiet + 1 : 0;
		if (quiet > IDLE_TICKS) {
			__atomic_store_n(&pool.dozes, 1, __ATOMIC_SEQ_CST);
			if (tick())
				wait_while(&pool.dozes, 1);
			__atomic_store_n(&pool.dozes, 0, __ATOMIC_SEQ_CST);
			quiet = 0;
		}
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static bool start_thread(void *(*run)(void *), void *argument)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r = pthread_attr_init(&attr);

	if (r == 0)
		r = pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (r == 0)
		r = pthread_create(&thread, &attr, run, argument);
	return r == 0;
}

static void on_stand_by(int unused)
{
	(void)unused;
}

int pool_set_threads(const char *number)
{
	char *end;
	unsigned long n = strtoul(number, &end, 10);

	if (*number < '1' || *number > '9' || *end || n > LIMIT_THREADS)
		return -EINVAL;
	threads = (unsigned int)n;
	return 0;
}

void pool_start(struct worker *w)
{
	struct sigaction interrupt = { .sa_handler = on_stand_by }; /* no SA_RESTART */
	bool watched;

	pool.worker = w;
	for (unsigned int i = 0; i < LIMIT_THREADS; i++)
		pool.seats[i].at = i;
	pool.seats[0].tid = getpid();
	pool.places[0] = &pool.seats[0];
	pool.seats[0].place = 1;
	pool.n = 1;
	if (sched_getaffinity(0, sizeof(pool.cpus), &pool.cpus) < 0 || sigaction(SIGNAL_STAND_BY, &interrupt, NULL) < 0)
		CPU_ZERO(&pool.cpus);
	watched = threads > 1 && start_thread(watch, NULL);
	if (watched)
		while (pool.n < threads && start_thread(be_seated, &pool.seats[pool.n]))
			pool.n++;
	if (pool.n < threads)
		log_warnx("only %u of %u threads for a container: calls that hang will stall others earlier", pool.n, threads);
	for (uint32_t ready = 0; watched && ready < pool.n; ready = __atomic_load_n(&pool.ready, __ATOMIC_ACQUIRE))
		wait_while(&pool.ready, ready);
}

void pool_run(void)
{
	set(&pool.go, 1);
	sit(&pool.seats[0]);
}
