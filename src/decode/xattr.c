/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/xattr.h"

#include <errno.h>
#include <sys/xattr.h>

#include "base/names.h"
#include "base/reason.h"
#include "decode/tmem.h"

struct args { /* struct xattr_args of linux/xattr.h, since Linux 6.13 */
	uint64_t value;
	uint32_t size, flags;
};

static int decode_name(const struct task *t, struct request *req, uint64_t t_name)
{
	int r = tmem_read_string(t, t_name, req->name, sizeof(req->name));

	req->name[sizeof(req->name) - 1] = '\0';
	/* to a name that is too long the kernel says ERANGE */
	if (r == -ENAMETOOLONG || (r >= 0 && names_kind(req->name) == NAMES_OTHER))
		return REASON_other_name;
	return r < 0 ? r : 0;
}

static int decode_args(const struct task *t, struct request *req, uint64_t t_args, uint64_t *t_value)
{
	struct args args;
	int r = tmem_read_grown(t, t_args, req->size, &args, sizeof(args));

	if (r < 0)
		return r;
	*t_value = args.value;
	req->size = args.size;
	req->option = args.flags;
	return 0;
}

int xattr_decode(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	bool sets = req->row->handler == HANDLE_xattr_change && row_has_arg(req->row, SIZE);
	uint64_t t_value = t_addr[XATTR_VALUE];
	int r = decode_name(t, req, t_addr[XATTR_NAME]);

	if (r == 0 && row_has_arg(req->row, XATTR_ARGS))
		r = decode_args(t, req, t_addr[XATTR_ARGS], &t_value);
	if (r != 0)
		return r;
	if (req->option & ~(sets ? (uint32_t)(XATTR_CREATE | XATTR_REPLACE) : 0))
		return -EINVAL;
	if (!sets) {
		if (row_has_arg(req->row, XATTR_ARGS))
			req->t_buf[0] = t_value;
		return 0;
	}
	if (req->size > sizeof(req->value))
		return -E2BIG;
	return req->size > 0 ? tmem_read(t, t_value, req->value, (size_t)req->size) : 0;
}
