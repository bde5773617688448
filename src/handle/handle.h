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
void handle_xattr_get(struct task *t, const struct request *req, struct verdict *v);
void handle_xattr_change(struct task *t, const struct request *req, struct verdict *v);
void handle_xattr_list(struct task *t, const struct request *req, struct verdict *v);
void handle_hint(struct task *t, const struct request *req, struct verdict *v);
void handle_set_ids(struct task *t, const struct request *req, struct verdict *v);
void handle_set_groups(struct task *t, const struct request *req, struct verdict *v);
void handle_get_ids(struct task *t, const struct request *req, struct verdict *v);
void handle_capget(struct task *t, const struct request *req, struct verdict *v);
void handle_capset(struct task *t, const struct request *req, struct verdict *v);
void handle_prctl(struct task *t, const struct request *req, struct verdict *v);
void handle_exec(struct task *t, const struct request *req, struct verdict *v);
void handle_chmod(struct task *t, const struct request *req, struct verdict *v);
void handle_create(struct task *t, const struct request *req, struct verdict *v);
void handle_socket_call(struct task *t, const struct request *req, struct verdict *v);
void handle_peer(struct task *t, const struct request *req, struct verdict *v);
void handle_limit(struct task *t, const struct request *req, struct verdict *v);
void handle_refuse(struct task *t, const struct request *req, struct verdict *v);

#endif
