/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container that changes and makes objects without end costs its neighbour. All share one page of the file SHARED:
 *	neighbour churn SHARED DIR ID	waits for its turns, in DIR: changes the owner of a symlink, as root; or makes and removes one, as user 50
 *	neighbour quiet SHARED DIR N	a few calls at a time, and the time of each: alone, beside the churn of container 1, and beside that of process 2,
 *					which is served by the kernel alone; in turns, until container 1 has made N changes, and N objects
 * Prints a line for each kind of call: its name, its median alone in us, then for each neighbour the median of the rounds' ratios of medians;
 * and how many calls failed, how many were made, and the rates of the churn.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 1000
#define SAMPLES_MAX 20000
/* beside the container more than beside the others, for it has much to do */
#define PHASE_NS 500000000L
#define LONG_NS 4000000000L
#define PAUSE_US 1000

enum { CHANGES, OBJECTS, JOBS };

static struct shared {
	volatile unsigned int id, job, stop; /* whose turn it is, 0: nobody's, and at what */
	volatile unsigned long done[3][JOBS];
	volatile unsigned int ready[3];
} *shared;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void churn_one(unsigned int id, unsigned int job)
{
	const char *name = job == CHANGES ? "changed" : "made";
	unsigned int n = 0;

	if (job == OBJECTS && (setgid(50) < 0 || setuid(50) < 0))
		err(2, "setuid");
	if (job == CHANGES && symlink("nowhere", name) < 0)
		err(2, "%s", name);
	__atomic_add_fetch(&shared->ready[id], 1, __ATOMIC_SEQ_CST);
	while (!shared->stop) {
		if (shared->id != id || shared->job != job) {
			usleep(PAUSE_US);
			continue;
		}
		n++;
		if (job == CHANGES ? lchown(name, 1000 + (n & 1), 1000) < 0 : symlink("nowhere", name) < 0 || unlink(name) < 0)
			err(2, "%s", name);
		shared->done[id][job]++;
	}
	exit(0);
}

static int churn(unsigned int id)
{
	int status, worst = 0;

	if (chmod(".", 0777) < 0)
		err(2, "chmod");
	for (unsigned int job = 0; job < JOBS; job++)
		if (fork() == 0)
			churn_one(id, job);
	while (wait(&status) > 0)
		worst |= status;
	return worst != 0;
}

static unsigned long failed, made;
static double seconds[3]; /* that each has churned at one job */

static void lstat_plain(unsigned int n) { struct stat st; failed += lstat("plain", &st) < 0 || st.st_uid != 0; (void)n; }
static void lstat_owned(unsigned int n) { struct stat st; failed += lstat("owned", &st) < 0 || st.st_uid != 42; (void)n; }
static void chown_file(unsigned int n) { failed += chown("file", 1 + (n & 1), 1) < 0; }
static void lchown_link(unsigned int n) { failed += lchown("link", 1 + (n & 1), 1) < 0; }
static void chown_nothing(unsigned int n) { failed += lchown("same", 42, 42) < 0; (void)n; }

static const struct kind {
	const char *name;
	void (*call)(unsigned int n);
} kinds[] = {
	{ "lstat, no owner", lstat_plain }, { "lstat, in the store", lstat_owned }, { "chown, in an xattr", chown_file },
	{ "lchown, no change", chown_nothing }, { "lchown, in the store", lchown_link },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

enum { ALONE, US_CHANGES, US_OBJECTS, NATIVE_CHANGES, NATIVE_OBJECTS, PHASES };

static double samples[KINDS][SAMPLES_MAX];
static double median[PHASES][KINDS][ROUNDS_MAX], high[PHASES][KINDS][ROUNDS_MAX];

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One phase of a round: what the calls take, a few at a time. */
static void measure(unsigned int phase, unsigned int round)
{
	size_t n = 0;
	long begin, end;

	shared->job = phase == US_OBJECTS || phase == NATIVE_OBJECTS ? OBJECTS : CHANGES;
	shared->id = phase == ALONE ? 0 : phase < NATIVE_CHANGES ? 1 : 2;
	/* the others wake up, or fall asleep */
	usleep(5 * PAUSE_US);
	begin = now();
	for (end = begin + (shared->id == 1 ? LONG_NS : PHASE_NS); now() < end && n < SAMPLES_MAX; n++) {
		for (size_t k = 0; k < KINDS; k++) {
			long before = now();

			kinds[k].call((unsigned int)n);
			samples[k][n] = (double)(now() - before) / 1e3;
			made++;
		}
		usleep(PAUSE_US);
	}
	seconds[shared->id] += (double)(now() - begin) / 2e9;
	shared->id = 0;
	for (size_t k = 0; k < KINDS; k++) {
		qsort(samples[k], n, sizeof(double), compare);
		median[phase][k][round] = samples[k][n / 2];
		high[phase][k][round] = samples[k][n * 99 / 100];
	}
}

static double middle(double *values, unsigned int n)
{
	qsort(values, n, sizeof(double), compare);
	return values[n / 2];
}

static double ratio(double of[ROUNDS_MAX], double to[ROUNDS_MAX], unsigned int n)
{
	double ratios[ROUNDS_MAX];

	for (unsigned int i = 0; i < n; i++)
		ratios[i] = of[i] / to[i];
	return middle(ratios, n);
}

static void print(unsigned int n)
{
	for (size_t k = 0; k < KINDS; k++) {
		printf("%s", kinds[k].name);
		for (unsigned int phase = 1; phase < PHASES; phase++)
			printf("\t%.2f\t%.2f", ratio(median[phase][k], median[ALONE][k], n), ratio(high[phase][k], high[ALONE][k], n));
		printf("\t%.1f\t%.1f\n", middle(median[ALONE][k], n), middle(high[ALONE][k], n));
	}
}

static void make(const char *name, bool link, uid_t owner)
{
	if ((link ? symlink("nowhere", name) : close(open(name, O_CREAT | O_WRONLY, 0644))) < 0 || (owner && lchown(name, owner, owner) < 0))
		err(2, "%s", name);
}

static int quiet(unsigned long wanted)
{
	unsigned int round = 0;

	make("plain", true, 0);
	make("owned", true, 42);
	make("same", true, 42);
	make("file", false, 1);
	make("link", true, 1);
	while (shared->ready[1] < JOBS || shared->ready[2] < JOBS)
		usleep(PAUSE_US);
	for (; round < ROUNDS_MAX && (round < 3 || shared->done[1][CHANGES] < wanted || shared->done[1][OBJECTS] < wanted); round++)
		for (unsigned int phase = ALONE; phase < PHASES; phase++)
			measure(phase, round);
	shared->stop = 1;
	print(round);
	printf("# rounds: %u; calls of the quiet one: %lu, of which failed: %lu\n", round, made, failed);
	for (unsigned int id = 1; id <= 2; id++)
		printf("# %s: %lu changes, %.0f a second; %lu objects made and removed, %.0f a second\n", id == 1 ? "container" : "by the kernel alone",
		       shared->done[id][CHANGES], (double)shared->done[id][CHANGES] / seconds[id], shared->done[id][OBJECTS],
		       (double)shared->done[id][OBJECTS] / seconds[id]);
	return failed > 0;
}

int main(int argc, char **argv)
{
	int fd = argc == 5 ? open(argv[2], O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		errx(2, "usage: neighbour churn|quiet SHARED DIR NUMBER");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED || chdir(argv[3]) < 0)
		err(2, "%s", argv[3]);
	return strcmp(argv[1], "churn") == 0 ? churn((unsigned int)atoi(argv[4])) : quiet(strtoul(argv[4], NULL, 10));
}
