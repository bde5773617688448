/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of the task that made a call. Addresses are the task's; nothing here acts on what it reads. */
#ifndef DECODE_TMEM_H
#define DECODE_TMEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

struct task;

/* One read of up to n bytes: how many were read, which may be fewer, or -EFAULT, -EPERM, -ESRCH. See proc/task.c. */
ssize_t tmem_read_some(const struct task *t, uint64_t t_addr, void *buf, size_t n) MUST_CHECK;

/* All n bytes, or nothing that counts: 0 or -errno as above. */
int tmem_read(const struct task *t, uint64_t t_addr, void *buf, size_t n) MUST_CHECK;

/*
 * A structure of which the caller may have a longer form, of size bytes, than what is known of it: what is unknown has to be 0. 0; -EINVAL: it is shorter;
 * -E2BIG; or -errno as above. copy_struct_from_user() of the kernel.
 */
int tmem_read_grown(const struct task *t, uint64_t t_addr, uint64_t size, void *buf, size_t known) MUST_CHECK;

/*
 * A string with its NUL, of size bytes at most: its length without the NUL; -ENAMETOOLONG when there is no NUL within size;
 * -EFAULT when it runs into memory that cannot be read. No byte behind the page of the NUL is touched.
 */
int tmem_read_string(const struct task *t, uint64_t t_addr, char *buf, size_t size) MUST_CHECK;

#endif
