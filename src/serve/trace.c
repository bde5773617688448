/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/trace.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "decode/request.h"
#include "proc/task.h"
#include "reply/verdict.h"

struct line {
	size_t n;
	char text[900];
};

static void PRINTF(2, 3) add(struct line *l, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = vsnprintf(l->text + l->n, sizeof(l->text) - l->n, format, ap);
	va_end(ap);
	if (r > 0)
		l->n += (size_t)r < sizeof(l->text) - l->n ? (size_t)r : sizeof(l->text) - 1 - l->n;
}

static void add_flags(struct line *l, uint32_t flags)
{
	static const struct { uint32_t bit; const char *name; } names[] = {
		{ AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW" }, { AT_EMPTY_PATH, "AT_EMPTY_PATH" },
		{ AT_NO_AUTOMOUNT, "AT_NO_AUTOMOUNT" }, { AT_STATX_FORCE_SYNC, "AT_STATX_FORCE_SYNC" },
		{ AT_STATX_DONT_SYNC, "AT_STATX_DONT_SYNC" },
	};
	const char *separator = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(flags & names[i].bit))
			continue;
		add(l, "%s%s", separator, names[i].name);
		separator = "|";
		flags &= ~names[i].bit;
	}
	if (flags || !*separator)
		add(l, "%s%#x", separator, flags);
}

static void add_argument(struct line *l, const struct request *req, enum arg arg, uint64_t value)
{
	char path[512];

	switch (arg) {
	case PATH:
	case ADDRESS:
	case TARGET:
	case XATTR_NAME:
		log_quote(path, sizeof(path), arg == XATTR_NAME ? req->name : arg == TARGET ? req->target : req->path);
		add(l, "%s", path);
		break;
	case DIRFD:
		if ((int)value == AT_FDCWD) {
			add(l, "AT_FDCWD");
			break;
		}
		__attribute__((fallthrough));
	case FD:
	case FD_OR_CWD:
	case SOCKET:
		add(l, "%d", (int)value);
		break;
	case UID:
		add(l, "%d", (int)req->cuid);
		break;
	case GID:
		add(l, "%d", (int)req->cgid);
		break;
	case FLAGS:
		add_flags(l, req->at_flags);
		break;
	default:
		add(l, "%#llx", (unsigned long long)value);
	}
}

void trace_call(const struct seccomp_data *data, const struct task *t, const struct request *req, const struct verdict *v)
{
	struct line l = { 0 };
	char comm[17], quoted[80];

	task_comm(t, comm);
	log_quote(quoted, sizeof(quoted), comm);
	add(&l, "[%d %s] ", t->tid, quoted);
	if (req && req->row) {
		add(&l, "%s(", req->row->name);
		for (int i = 0; i < 6 && req->row->args[i] != END; i++) {
			add(&l, "%s", i ? ", " : "");
			add_argument(&l, req, (enum arg)req->row->args[i], data->args[i]);
		}
		add(&l, ")");
	} else {
		add(&l, "arch %#x call %d", data->arch, data->nr);
	}
	if (v->kernel)
		add(&l, " -> kernel (%s)", reason_infos[v->reason].name);
	else if (v->error)
		add(&l, " = -1 %s (%s)", strerrorname_np(v->error), reason_infos[v->reason].name);
	else
		add(&l, " = %lld (%s)", (long long)v->value, reason_infos[v->reason].name);
	log_line(LOG_LEVEL_ERROR, "trace: %s", l.text);
}
