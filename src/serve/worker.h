/* SPDX-License-Identifier: Apache-2.0 */
/* The process inside a container that answers its notifications: how it gets there. pool.h tells how it goes on. */
#ifndef SERVE_WORKER_H
#define SERVE_WORKER_H

struct worker;

/* Serves until the last task of the container has gone, then exits with 0. Any other end makes the broker start anew. */
void worker_run(struct worker *w) __attribute__((noreturn));

#endif
