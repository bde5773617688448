/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel would do for each group of calls: from a request to a verdict. A handler knows the task only through
 * kernel/, never its pid, its notification or an address in it.
 */
#ifndef HANDLE_HANDLE_H
#define HANDLE_HANDLE_H

struct request;
struct task;
struct verdict;

void handle_chown(struct task *t, const struct request *req, struct verdict *v);
void handle_stat(struct task *t, const struct request *req, struct verdict *v);
void handle_xattr_name(struct task *t, const struct request *req, struct verdict *v);
void handle_xattr_list(struct task *t, const struct request *req, struct verdict *v);
void handle_hint(struct task *t, const struct request *req, struct verdict *v);
void handle_refuse(struct task *t, const struct request *req, struct verdict *v);

#endif
