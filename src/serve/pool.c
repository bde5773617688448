/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/futex.h"
#include "base/limits.h"
#include "base/log.h"
#include "cred/as_caller.h"
#include "object/lock.h"
#include "proc/task_fd.h"
#include "rule/receivers.h"
#include "seccomp/notif.h"
#include "serve/job.h"
#include "serve/slot.h"

/* Ticks without a call after which the watch dozes until the next one. */
#define IDLE_TICKS 20

#define STACK_SIZE (64 * 1024)
#define SIGNAL_STAND_BY SIGUSR2

struct thread {
	uint32_t receives;      /* futex: 0 while it stands by */
	uint32_t began;         /* odd while a call is being served */
	uint32_t seen;          /* began at the last tick */
	uint32_t stays;         /* in a root that as_caller_settle() has made its own */
	pid_t tid;
	struct load load;
	pid_t caller;           /* of the last call */
	size_t at;              /* which call of the slot's is this thread's */
};

/* Of each thread; apart from them, for most threads never serve and shall cost no memory. */
static struct job *jobs;

static struct {
	struct worker *worker;
	struct thread threads[LIMIT_THREADS];
	unsigned int n;
	uint32_t ready, go;     /* futexes */
	uint32_t dozes;         /* futex: the watch waits until it is 0 */
	struct thread *receivers[LIMIT_THREADS]; /* n_receivers of them, changed under the lock */
	unsigned int n_receivers, max_receivers;
	pthread_mutex_t lock;   /* nothing that can hang is done under it */
	cpu_set_t cpus;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static unsigned int wanted_threads; /* 0: as many as there are processors */

static bool is_serving(const struct thread *s)
{
	return __atomic_load_n(&s->began, __ATOMIC_ACQUIRE) & 1;
}

/* One CPU for each of several receivers: or two might be woken on the caller's, one after the other. A lone one may run on any. */
static void pin(unsigned int nth, bool alone)
{
	unsigned int left = nth;
	cpu_set_t one;

	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && !alone; cpu++)
		if (CPU_ISSET(cpu, &pool.cpus) && left-- == 0)
			CPU_SET(cpu, &one);
	if (sched_setaffinity(pool.receivers[nth]->tid, sizeof(one), alone ? &pool.cpus : &one) < 0)
		log_debug("cannot pin a thread");
}

/* Lets a thread that stands by be the nth receiver of n. False: all others are busy. */
static bool fill(unsigned int nth, unsigned int n)
{
	for (unsigned int i = 0; i < pool.n; i++) {
		struct thread *s = &pool.threads[i];

		if (__atomic_load_n(&s->receives, __ATOMIC_ACQUIRE) || is_serving(s))
			continue;
		s->load = (struct load){ 0 };
		__atomic_store_n(&pool.receivers[nth], s, __ATOMIC_RELEASE);
		if (n > 1)
			pin(nth, false);
		futex_set(&s->receives, 1);
		return true;
	}
	return false;
}

static void rouse(const struct thread *s)
{
	syscall(SYS_tgkill, getpid(), s->tid, SIGNAL_STAND_BY);
}

/* A thread that is not serving now stops to receive, if need be after the call that it is just getting. */
static void stand_by(struct thread *s)
{
	if (sched_setaffinity(s->tid, sizeof(pool.cpus), &pool.cpus) < 0)
		log_debug("cannot unpin a thread");
	futex_set(&s->receives, 0);
	if (!is_serving(s))
		rouse(s);
}

/* One receiver more or less, unless another thread was faster. */
static void change_receivers(unsigned int from, int change)
{
	unsigned int to = from + (unsigned int)change;

	pthread_mutex_lock(&pool.lock);
	if (pool.n_receivers == from && (change < 0 || fill(from, to))) {
		__atomic_store_n(&pool.n_receivers, to, __ATOMIC_RELEASE);
		if (from == 1 || to == 1)
			pin(0, to == 1);
		if (change < 0)
			stand_by(pool.receivers[to]);
		log_debug("%u of %u threads receive", to, pool.n);
	}
	pthread_mutex_unlock(&pool.lock);
}

/* For each call that is received. */
static void count(struct thread *s)
{
	unsigned int n = __atomic_load_n(&pool.n_receivers, __ATOMIC_ACQUIRE);
	pid_t caller = (pid_t)pool.worker->slot->notifs[s->at].pid;
	struct load *load = &s->load;
	int change;

	load->turns += caller != s->caller;
	s->caller = caller;
	load->calls++;
	for (unsigned int i = 0; i < n && i <= RECEIVERS_SAMPLE; i++) {
		const struct thread *other = __atomic_load_n(&pool.receivers[(load->calls + i) % n], __ATOMIC_ACQUIRE);

		load->looked += other != s;
		load->busy += other != s && is_serving(other);
	}
	if (load->calls < RECEIVERS_WINDOW)
		return;
	change = receivers_change(n, pool.max_receivers, load);
	*load = (struct load){ 0 };
	if (change)
		change_receivers(n, change);
}

/* True: it is answered. */
static bool serve(struct thread *s)
{
	struct slot *slot = pool.worker->slot;
	struct job *job = &jobs[s - pool.threads];
	bool served;

	/* ordered with the watch, which says that it dozes before it looks once more */
	__atomic_add_fetch(&s->began, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&pool.dozes, __ATOMIC_SEQ_CST))
		futex_set(&pool.dozes, 0);
	job->notif = &slot->notifs[s->at];
	job->deaths = &slot->deaths[s->at];
	job->intent = &slot->intents[s->at];
	served = job_serve(pool.worker, job);
	if (served)
		job->notif->id = *job->deaths = 0;
	__atomic_store_n(&s->stays, as_caller_place() != 0, __ATOMIC_RELEASE);
	__atomic_add_fetch(&s->began, 1, __ATOMIC_RELEASE);
	return served;
}

/* Lets the call wait that the thread has got. */
static void park(struct thread *s)
{
	struct worker *w = pool.worker;
	int place = guests_park(&w->guests);

	if (place < 0) {
		job_refuse(w, &jobs[s - pool.threads]);
	} else {
		w->slot->notifs[place] = w->slot->notifs[s->at];
		w->slot->deaths[place] = w->slot->deaths[s->at];
	}
	w->slot->notifs[s->at].id = 0;
	w->slot->deaths[s->at] = 0;
	if (place >= 0)
		guests_put(&w->guests, place, true);
}

/* The thread's call, if there is one, and then those that wait and may be admitted by now. */
static void serve_all(struct thread *s)
{
	struct worker *w = pool.worker;
	size_t own = s->at;
	int place;

	if (w->slot->notifs[own].id != 0 && !serve(s))
		park(s);
	while (w->slot->attached && (place = guests_take(&w->guests)) >= 0) {
		s->at = (size_t)place;
		guests_put(&w->guests, place, !serve(s));
	}
	s->at = own;
}

/* A container's root is kept for its next call only as long as calls come. */
static void leave_root(struct thread *s)
{
	as_caller_unsettle();
	__atomic_store_n(&s->stays, 0, __ATOMIC_RELEASE);
}

static void receive(struct thread *s)
{
	int r = notif_receive(pool.worker->listener, &pool.worker->slot->notifs[s->at]);

	if (r == -ENOTCONN)
		_exit(EXIT_SUCCESS);
	if (r == 0) {
		count(s);
		serve_all(s);
	} else if (r == -EINTR) {
		leave_root(s);
	} else if (r != -ENOENT) {
		log_warn(r, "cannot receive notifications");
		_exit(EXIT_FAILURE);
	}
}

/* What a dead worker had in hand, of its threads and of those that could not be had again. */
static void resume(struct thread *s)
{
	struct slot *slot = pool.worker->slot;
	size_t own = s->at;

	serve_all(s);
	for (s->at += pool.n; s->at < LIMIT_THREADS && !slot->attached; s->at += pool.n)
		if (slot->notifs[s->at].id != 0)
			(void)!serve(s);
	s->at = own;
}

static void __attribute__((noreturn)) serve_on(struct thread *s)
{
	resume(s);
	for (;;) {
		if (__atomic_load_n(&s->receives, __ATOMIC_ACQUIRE)) {
			receive(s);
		} else {
			task_fd_forget();
			leave_root(s);
			futex_wait_while(&s->receives, 0);
		}
	}
}

/* All that threads need to begin, which the sandbox then forbids, is behind this one. */
static void wait_for_go(void)
{
	__atomic_add_fetch(&pool.ready, 1, __ATOMIC_ACQ_REL);
	futex_wake(&pool.ready);
	futex_wait_while(&pool.go, 0);
}

static void *begin(void *thread)
{
	struct thread *s = thread;

	s->tid = (pid_t)syscall(SYS_gettid);
	lock_init_thread((unsigned int)(s - pool.threads));
	/* a root and a working directory of its own: as_caller_enter_root() changes them */
	if (unshare(CLONE_FS) < 0)
		abort();
	wait_for_go();
	serve_on(s);
}

/* Has a receiver been in one call since the last tick? Another one takes over. */
static void relieve(unsigned int nth)
{
	struct thread *s = pool.receivers[nth];
	uint32_t began = __atomic_load_n(&s->began, __ATOMIC_ACQUIRE);

	if (began & 1 && began == s->seen && fill(nth, pool.n_receivers))
		stand_by(s);
}

/* Did nothing begin or end since the last tick, and no receiver has anything to do? */
static bool tick(void)
{
	bool quiet = true;

	pthread_mutex_lock(&pool.lock);
	for (unsigned int i = 0; i < pool.n_receivers; i++) {
		relieve(i);
		quiet = quiet && !is_serving(pool.receivers[i]);
	}
	for (unsigned int i = 0; i < pool.n; i++) {
		uint32_t began = __atomic_load_n(&pool.threads[i].began, __ATOMIC_SEQ_CST);
		uint32_t stays = __atomic_load_n(&pool.threads[i].stays, __ATOMIC_ACQUIRE);

		if (stays && began == pool.threads[i].seen && !is_serving(&pool.threads[i]))
			rouse(&pool.threads[i]);
		quiet = quiet && began == pool.threads[i].seen && !stays;
		pool.threads[i].seen = began;
	}
	pthread_mutex_unlock(&pool.lock);
	return quiet;
}

static void *watch(void *unused)
{
	const struct timespec pause = { 0, POOL_TICK_MS * 1000000L };
	int quiet = 0;

	(void)unused;
	if (unshare(CLONE_FS) < 0) /* who shares its root with another thread cannot go to a mount namespace */
		abort();
	wait_for_go();
	for (;;) {
		quiet = tick() ? quiet + 1 : 0;
		if (quiet > IDLE_TICKS) {
			__atomic_store_n(&pool.dozes, 1, __ATOMIC_SEQ_CST);
			if (tick())
				futex_wait_while(&pool.dozes, 1);
			__atomic_store_n(&pool.dozes, 0, __ATOMIC_SEQ_CST);
			quiet = 0;
		}
		nanosleep(&pause, NULL);
	}
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

void pool_set_threads(unsigned int n)
{
	wanted_threads = n;
}

void pool_start(struct worker *w)
{
	struct sigaction interrupt = { .sa_handler = on_stand_by }; /* no SA_RESTART */
	unsigned int threads;
	uint64_t waiting = 0;
	bool watched;

	pool.worker = w;
	for (unsigned int i = 0; i < LIMIT_THREADS; i++)
		pool.threads[i].at = i;
	pool.threads[0].tid = getpid();
	pool.threads[0].receives = 1;
	pool.receivers[0] = &pool.threads[0];
	pool.n = pool.n_receivers = 1;
	if (sched_getaffinity(0, sizeof(pool.cpus), &pool.cpus) < 0 || sigaction(SIGNAL_STAND_BY, &interrupt, NULL) < 0)
		CPU_ZERO(&pool.cpus);
	threads = wanted_threads ? wanted_threads : receivers_threads((unsigned int)CPU_COUNT(&pool.cpus), LIMIT_THREADS);
	jobs = mmap(NULL, threads * sizeof(*jobs), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (jobs == MAP_FAILED) {
		log_warn(-errno, "cannot have the memory of %u threads", threads);
		_exit(EXIT_FAILURE);
	}
	watched = threads > 1 && start_thread(watch, NULL);
	if (watched)
		while (pool.n < threads && start_thread(begin, &pool.threads[pool.n]))
			pool.n++;
	pool.max_receivers = pool.n < (unsigned int)CPU_COUNT(&pool.cpus) ? pool.n : (unsigned int)CPU_COUNT(&pool.cpus);
	task_fd_share(pool.n);
	for (unsigned int i = 0; i < LIMIT_THREADS; i++)
		waiting |= (uint64_t)(w->slot->notifs[i].id != 0) << i;
	guests_init(&w->guests, pool.n, waiting);
	if (pool.n < threads)
		log_warnx("only %u of %u threads for a container: calls that hang will stall others earlier", pool.n, threads);
	for (uint32_t ready = 0; watched && ready < pool.n; ready = __atomic_load_n(&pool.ready, __ATOMIC_ACQUIRE))
		futex_wait_while(&pool.ready, ready);
}

void pool_run(void)
{
	futex_set(&pool.go, 1);
	serve_on(&pool.threads[0]);
}
