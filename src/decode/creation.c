/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/creation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/reason.h"
#include "decode/tmem.h"

/* VALID_OPEN_FLAGS of the kernel, which adds O_LARGEFILE by itself for processes of 64 bits. */
#define OPEN_FLAGS_KNOWN \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_ASYNC | O_DIRECT | O_DIRECTORY | \
	 O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE)

static int decode_how(const struct task *t, struct request *req, uint64_t t_how)
{
	struct open_how how;
	int r = tmem_read_grown(t, t_how, req->size, &how, sizeof(how));

	if (r == 0 && how.mode > 07777)
		r = -EINVAL;
	if (r < 0)
		return r;
	req->open_flags = how.flags;
	req->open_resolve = how.resolve;
	req->mode = (uint32_t)how.mode;
	return 0;
}

int creation_address(const struct task *t, struct request *req, uint64_t t_address)
{
	const size_t start = offsetof(struct sockaddr_un, sun_path);
	struct sockaddr_un address;
	int32_t n = (int32_t)req->size;
	int r;

	if (n <= (int32_t)start || n > (int32_t)sizeof(address))
		return REASON_creates_nothing;
	r = tmem_read(t, t_address, &address, (size_t)n);
	if (r < 0)
		return r;
	if (address.sun_family != AF_UNIX || address.sun_path[0] == '\0')
		return REASON_creates_nothing;
	memcpy(req->path, address.sun_path, (size_t)n - start);
	req->path[(size_t)n - start] = '\0';
	return 0;
}

int creation_decode(const struct task *t, struct request *req, const uint64_t t_addr[static ARG_COUNT])
{
	bool opens = req->row->traits & CREAT || row_has_arg(req->row, OPEN_FLAGS) || row_has_arg(req->row, OPEN_HOW);
	int r = 0;

	if (row_has_arg(req->row, ADDRESS))
		return creation_address(t, req, t_addr[ADDRESS]);
	if (row_has_arg(req->row, TARGET)) {
		r = tmem_read_string(t, t_addr[TARGET], req->target, sizeof(req->target));
		return r < 0 ? r : r == 0 ? -ENOENT : 0;
	}
	/* open(2) and openat(2) ignore others, and openat2(2) does not */
	req->open_flags &= (uint32_t)OPEN_FLAGS_KNOWN;
	if (req->row->traits & CREAT)
		req->open_flags = O_CREAT | O_WRONLY | O_TRUNC;
	if (row_has_arg(req->row, OPEN_HOW))
		r = decode_how(t, req, t_addr[OPEN_HOW]);
	if (r == 0 && opens && (req->open_flags & O_PATH || !(req->open_flags & (O_CREAT | OPEN_TMPFILE))))
		return REASON_creates_nothing;
	/* refused whatever the path is */
	if (r == 0 && opens && req->open_flags & O_CREAT && req->open_flags & O_DIRECTORY)
		return REASON_creates_nothing;
	return r;
}
