/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders the threads of all workers that change the owner of one object, as the kernel's inode lock does: each reads the record, merges and
 * writes it. In memory that all workers share. Nobody waits longer than about LOCK_WAIT_MS for one that hangs, or that does so on
 * purpose, since the first who has waited so long takes the lock away from it; the lock of one that has died is free.
 */
#ifndef OBJECT_LOCK_H
#define OBJECT_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

#define LOCK_WAIT_MS 100

struct statx;

/* Who holds something, in memory that all workers share: never 0. */
uint32_t lock_self(void);

/* Has the process of such a holder ended, and is it this one? */
bool lock_is_dead(uint32_t holder);
bool lock_is_of(uint32_t holder, pid_t pid);

/* Makes the shared memory, for all children. 0 or -errno. */
int lock_open(void) MUST_CHECK;

/* Tells the threads of a worker apart; each is 0 at first. */
void lock_init_thread(unsigned int index);

/* To be given to lock_release(). */
unsigned int lock_take(const struct statx *stx);
void lock_release(unsigned int lock);

/* Frees what a process that has died held, before its pid is another's. */
void lock_forget(pid_t pid);

#endif
