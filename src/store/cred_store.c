/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cred_store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "cred/cookie.h"
#include "store/shared.h"

static struct shared table;

static struct {
	uint32_t count; /* entries of a listener */
	struct account *account;
} listeners[CRED_STORE_LISTENERS + 1];

/* A process that /proc hides, or calls by another number, would be taken for one that does not exist. */
static bool all_is_visible;

/* Does the /proc that we have show every process, whatever it executes, by its number in our pid namespace? */
static bool shows_all(void)
{
	char line[4096], self[16] = "";
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	bool good = mounts != NULL && readlink("/proc/self", self, sizeof(self) - 1) > 0 && atoi(self) == getpid();

	while (mounts && fgets(line, sizeof(line), mounts))
		good &= !strstr(line, " - proc ") || !strstr(line, " /proc ") || !strstr(line, "hidepid=");
	if (mounts)
		fclose(mounts);
	return good;
}

int cred_store_open(void)
{
	int r = shared_open(&table, "subuidless-credentials", sizeof(struct creds));

	all_is_visible = shows_all();
	return r < 0 ? r : shared_choose_key(&((struct creds *)table.writable)->key);
}

const struct creds *cred_store_table(void)
{
	return table.readable;
}

static void count(uint16_t listener, int change)
{
	listeners[listener].count += (uint32_t)change;
	if (listeners[listener].account)
		listeners[listener].account->credentials += (uint32_t)change;
}

static void free_entry(uint32_t index)
{
	count(((const struct creds *)table.readable)->slots[index].listener, -1);
	creds_free(table.writable, index);
}

/* The indexes that processes carry. False: they are not known. */
static bool find_carried(uint8_t carried[static LIMIT_CREDENTIALS])
{
	DIR *proc = all_is_visible ? opendir("/proc") : NULL;
	const struct dirent *entry;
	int number;

	if (!proc)
		return false;
	errno = 0;
	for (; (entry = readdir(proc)) != NULL; errno = 0)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && (number = cookie_number(cookie_read(atoi(entry->d_name)))) >= 0)
			carried[(uint32_t)number % LIMIT_CREDENTIALS] = 1;
	number = errno;
	closedir(proc);
	return number == 0;
}

/*
 * An entry that no process is seen to carry is doubted, and is free when that is found again a second later at the earliest. A worker that
 * gives it to a process meanwhile sees the doubt, before or after it has done so, and asks: see cred/credentials.c: carry(). A process that had
 * been forked just before both times, and was not seen, is nobody then: see credentials_from().
 */
static void reclaim(void)
{
	static uint8_t carried[LIMIT_CREDENTIALS];
	static time_t last;
	const struct creds *creds = table.readable;
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	if (now.tv_sec <= last + 1)
		return;
	last = now.tv_sec;
	memset(carried, 0, sizeof(carried));
	if (!find_carried(carried))
		return;
	for (uint32_t i = 0; i < LIMIT_CREDENTIALS; i++) {
		if (creds->slots[i].state == CREDS_FREE)
			continue;
		if (carried[i])
			creds_keep(table.writable, i);
		else if (creds->slots[i].state == CREDS_USED)
			creds_doubt(table.writable, i);
		else
			free_entry(i);
	}
}

static bool may_take(uint16_t listener, uint32_t part)
{
	const struct account *a = listeners[listener].account;

	return account_may_take(part * (a ? a->credentials : listeners[listener].count), creds_count(table.readable), LIMIT_CREDENTIALS);
}

int32_t cred_store_add(uint16_t listener, const struct cred *c)
{
	uint32_t before;
	int32_t r;

	/* in time, for it takes two looks */
	if (!may_take(listener, 2))
		reclaim();
	before = creds_count(table.readable);
	r = creds_add(table.writable, listener, c, may_take(listener, 1));
	count(listener, (int)(creds_count(table.readable) - before));
	return r;
}

struct account *cred_store_join(uint16_t listener, const struct container *container)
{
	struct account *account = account_join(container);

	if (account)
		account->credentials += listeners[listener].count;
	return listeners[listener].account = account;
}

void cred_store_leave(uint16_t listener)
{
	for (uint32_t i = 0; (i = creds_next(table.readable, listener, i)) < LIMIT_CREDENTIALS; i++)
		free_entry(i);
	listeners[listener].account = NULL;
}
