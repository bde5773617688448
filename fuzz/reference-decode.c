/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-decode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <string.h>

#include "base/reason.h"
#include "reference-memory.h"
#include "reference-mount.h"
#include "reference-table.h"

static uint32_t id(uint64_t arg, bool narrow)
{
	if (!narrow)
		return (uint32_t)arg;
	return (arg & 0xffff) == 0xffff ? 0xffffffff : arg & 0xffff;
}

/* An argument that says what the object is. */
static void object(char kind, uint64_t arg, struct expectation *e)
{
	switch (kind) {
	case 'P':
		e->follow = false;
		break;
	case 'n':
		e->has_name = true;
		break;
	case 'f':
		e->empty_path = true;
		e->dirfd = (int32_t)arg != -100 ? (int32_t)arg : -1; /* fchown(AT_FDCWD) is EBADF */
		break;
	case 'F':
		e->empty_path = true;
		e->dirfd = (int32_t)arg;
		break;
	case 'd':
		e->dirfd = (int32_t)arg;
		break;
	case 'x':
		e->socket = (int32_t)arg;
		break;
	case 'w':
		e->socket_call = (uint32_t)arg;
		break;
	}
}

static void value(char kind, uint64_t arg, bool narrow, struct expectation *e)
{
	switch (kind) {
	case 'u':
		e->uid = id(arg, narrow);
		break;
	case 'g':
		e->gid = id(arg, narrow);
		break;
	case 'a':
		e->at_flags = (uint32_t)arg;
		break;
	case 'm':
		e->mask = (uint32_t)arg;
		break;
	case 'b':
		e->bufs[e->buf_count++] = arg;
		break;
	case 'i':
		e->ids[e->id_count++] = id(arg, narrow);
		break;
	case 'v':
		e->values[e->value_count++] = arg;
		break;
	case 'k':
		e->count = (int32_t)arg;
		break;
	case 'o':
		e->option = (uint32_t)arg;
		break;
	case 'E':
		/* the magic of old programs */
		e->mount_flags = (arg >> 16 & 0xffff) == 0xc0ed ? arg - 0xc0ed0000 : arg;
		break;
	case 'O':
		/* what open(2) lists */
		e->open_flags = arg & 0x7f7fc3;
		break;
	case 'z':
	case 's':
		e->size = arg;
		break;
	case 'M':
		e->mode = (uint32_t)arg;
		break;
	case 'c':
		e->clone_flags = (uint32_t)arg;
		break;
	default:
		object(kind, arg, e);
	}
}

/* Does i386 have a twin of the call with wider ids? */
static bool is_narrow(const struct signature *s, const struct expectation *e)
{
	return e->abi == ABI_I386 && !strstr(s->name, "32");
}

static void values(const struct seccomp_data *data, const struct signature *s, struct expectation *e, uint64_t args[6])
{
	bool narrow = is_narrow(s, e) && !strstr(s->name, "at");

	for (int i = 0; s->args[i]; i++) {
		args[i] = e->abi == ABI_I386 ? (uint32_t)data->args[i] : data->args[i];
		value(s->args[i], args[i], narrow, e);
	}
	e->follow &= !(e->at_flags & AT_SYMLINK_NOFOLLOW);
	e->empty_path |= (e->at_flags & AT_EMPTY_PATH) != 0;
}

/* The address that the argument of this kind holds. */
static uint64_t address(const struct signature *s, const uint64_t args[6], const char *kinds)
{
	return args[strcspn(s->args, kinds)];
}

static int group_list(const struct task *t, const struct signature *s, struct expectation *e, uint64_t from)
{
	size_t width = is_narrow(s, e) ? 2 : 4, n = (size_t)e->count;
	uint8_t raw[4 * 256];
	int whole, r;

	/* more than 256 are not taken */
	if (e->count < 1 || e->count > 256)
		return 0;
	whole = reference_bytes(t, from, raw, n * width);
	/* one after another, and the first that is none, or cannot be read, decides */
	for (size_t i = 0; i < n; i++) {
		r = whole == 0 ? 0 : reference_bytes(t, from + i * width, raw + i * width, width);
		if (r < 0)
			return whole;
		e->groups[i] = id(reference_number(raw + i * width, width), width == 2);
		if (whole == -EFAULT && e->groups[i] == 0xffffffff)
			return -EINVAL;
	}
	return whole;
}

static int capabilities(const struct task *t, const struct signature *s, struct expectation *e, const uint64_t args[6])
{
	static const uint32_t versions[] = { 0x19980330, 0x20071026, 0x20080522 };
	uint8_t raw[24] = { 0 };
	int r = reference_bytes(t, address(s, args, "h"), raw, 8);

	if (r < 0)
		return r;
	e->version = (uint32_t)reference_number(raw, 4);
	e->pid = (int32_t)reference_number(raw + 4, 4);
	memset(raw, 0, sizeof(raw));
	for (size_t i = 0; i < 3 && strchr(s->args, 'D') && r == 0; i++)
		if (e->version == versions[i])
			r = reference_bytes(t, address(s, args, "D"), raw, i == 0 ? 12 : 24);
	for (size_t i = 0; i < 3 && r == 0; i++)
		e->caps[i] = reference_number(raw + 4 * i, 4) | reference_number(raw + 12 + 4 * i, 4) << 32;
	return r;
}

static int limits(const struct task *t, const struct signature *s, struct expectation *e, uint64_t from)
{
	size_t width = e->abi == ABI_I386 && !strstr(s->name, "64") ? 4 : 8;
	uint8_t raw[16];
	int r;

	e->has_limit = from || strstr(s->name, "set");
	r = e->has_limit ? reference_bytes(t, from, raw, 2 * width) : 0;
	for (size_t i = 0; i < 2 && r == 0 && e->has_limit; i++) {
		e->limit[i] = reference_number(raw + i * width, width);
		if (width == 4 && e->limit[i] == 0xffffffff)
			e->limit[i] = UINT64_MAX;
	}
	return r;
}

static int noted(struct expectation *e, int r)
{
	e->memory_error = r == -EPERM ? 0 : r;
	return r == -EPERM ? r : 0;
}

static int length(const struct task *t, struct expectation *e, uint64_t from)
{
	uint8_t raw[4] = { 0 };
	int r = reference_bytes(t, from, raw, sizeof(raw));

	e->length = r == 0 ? (uint32_t)reference_number(raw, 4) : 0;
	return noted(e, r);
}

/* What the kernel itself reads only after it has looked at other things. */
static int late(const struct task *t, const struct signature *s, struct expectation *e, const uint64_t args[6])
{
	int r = 0;

	if (strchr(s->args, 'G'))
		r = group_list(t, s, e, address(s, args, "G"));
	if (strchr(s->args, 'h'))
		r = capabilities(t, s, e, args);
	if (strchr(s->args, 'r'))
		r = limits(t, s, e, address(s, args, "r"));
	if (strchr(s->args, 'l'))
		return length(t, e, address(s, args, "l"));
	return noted(e, r);
}

/* openat2(2): what this size does not know of has to be 0. */
static int how(const struct task *t, struct expectation *e, uint64_t from)
{
	static uint8_t raw[4096];
	int r = e->size < 24 ? -EINVAL : e->size > sizeof(raw) ? -E2BIG : reference_bytes(t, from, raw, e->size);

	for (size_t i = 24; r == 0 && i < e->size; i++)
		if (raw[i])
			return -E2BIG;
	if (r < 0)
		return r;
	e->open_flags = reference_number(raw, 8);
	e->open_resolve = reference_number(raw + 16, 8);
	e->mode = (uint32_t)reference_number(raw + 8, 8);
	return reference_number(raw + 8, 8) > 07777 ? -EINVAL : 0;
}

/* unix(7): a family and a path, which may end before the address does, or not at all. */
static int socket_address(const struct task *t, struct expectation *e, uint64_t from)
{
	int32_t n = (int32_t)e->size;
	uint8_t raw[110];
	int r;

	if (n < 3 || n > 110)
		return REASON_creates_nothing;
	r = reference_bytes(t, from, raw, (size_t)n);
	if (r < 0)
		return r;
	if (reference_number(raw, 2) != 1 || raw[2] == 0)
		return REASON_creates_nothing;
	memcpy(e->path, raw + 2, (size_t)n - 2);
	e->path[n - 2] = '\0';
	return 0;
}

static int socket_call(const struct task *t, struct expectation *e, uint64_t from)
{
	bool binds = e->socket_call == 2;
	uint8_t inner[20];
	int r;

	/* of all these calls it is bind(2) and getsockopt(2) */
	if (!binds && e->socket_call != 15)
		return REASON_other_option;
	r = reference_bytes(t, from, inner, binds ? 12 : 20);
	if (r < 0)
		return r;
	for (size_t i = 0; i < (binds ? 3 : 4); i++)
		value((binds ? "x-z" : "fvob")[i], reference_number(inner + 4 * i, 4), true, e);
	if (!binds)
		return length(t, e, reference_number(inner + 16, 4));
	r = socket_address(t, e, reference_number(inner + 4, 4));
	return r < 0 && r != -EPERM ? REASON_kernel_refuses : r;
}

/* A call that makes a file, if its flags say so. */
static int creation(const struct task *t, const struct signature *s, struct expectation *e, const uint64_t args[6])
{
	bool opens = strpbrk(s->args, "OH") || strcmp(s->name, "creat") == 0;
	int r = 0;

	if (strchr(s->args, 't')) {
		r = reference_string(t, address(s, args, "t"), e->target, sizeof(e->target));
		return r == 0 && e->target[0] == '\0' ? -ENOENT : r;
	}
	if (strcmp(s->name, "creat") == 0)
		e->open_flags = 01101;
	if (strchr(s->args, 'H'))
		r = how(t, e, address(s, args, "H"));
	if (r == 0 && opens && (!(e->open_flags & 020000100) || e->open_flags & 010000000 || (e->open_flags & 0200100) == 0200100))
		return REASON_creates_nothing;
	return r;
}

/* Those of which the kernel is not left to decide. */
static bool is_special(const char *name)
{
	return reference_is_ours(name) || strstr(name, "trusted.") == name || strstr(name, "security.") == name ||
	       strcmp(name, "system.posix_acl_access") == 0 || strcmp(name, "system.posix_acl_default") == 0;
}

/* A name; what else the structure of the newest calls holds, which may be longer; and what is to be set. */
static int xattr(const struct task *t, const struct signature *s, struct expectation *e, const uint64_t args[6])
{
	uint64_t from = address(s, args, "V");
	bool sets = strstr(s->name, "set");
	uint8_t raw[4096];
	int r = reference_string(t, address(s, args, "n"), e->xattr, sizeof(e->xattr));

	if (r == -ENAMETOOLONG || (r == 0 && !is_special(e->xattr)))
		return REASON_other_name;
	if (r == 0 && strchr(s->args, 'y')) {
		r = e->size < 16 ? -EINVAL : e->size > sizeof(raw) ? -E2BIG : reference_bytes(t, address(s, args, "y"), raw, e->size);
		for (size_t i = 16; r == 0 && i < e->size; i++)
			r = raw[i] ? -E2BIG : 0;
		if (r < 0)
			return r;
		from = reference_number(raw, 8);
		e->size = reference_number(raw + 8, 4);
		e->option = (uint32_t)reference_number(raw + 12, 4);
		e->bufs[0] = sets ? 0 : from;
	}
	if (r < 0)
		return r;
	if (e->option > (sets ? 3 : 0))
		return -EINVAL;
	if (!sets || e->size == 0)
		return 0;
	return e->size > sizeof(e->value) ? -E2BIG : reference_bytes(t, from, e->value, e->size);
}

static int memory(const struct task *t, const struct signature *s, struct expectation *e, const uint64_t args[6])
{
	bool bad_flags = e->at_flags & ~s->at_flags;
	uint8_t raw[8];
	int r;

	/* with a descriptor and nothing behind it, stat calls look at no flag but AT_EMPTY_PATH */
	if (bad_flags && !(strstr(s->name, "stat") && e->at_flags & AT_EMPTY_PATH && e->dirfd >= 0))
		return -EINVAL;
	if (e->has_name) {
		r = xattr(t, s, e, args);
		if (r != 0)
			return r;
	}
	if (strchr(s->args, 'S'))
		return socket_call(t, e, address(s, args, "S"));
	if (strchr(s->args, 'A'))
		return socket_address(t, e, address(s, args, "A"));
	r = strpbrk(s->args, "TKN") ? reference_mount(t, s, e, args) : creation(t, s, e, args);
	if (r != 0)
		return r;
	if (strchr(s->args, 'C')) {
		r = reference_bytes(t, address(s, args, "C"), raw, sizeof(raw));
		e->clone_flags = r == 0 ? reference_number(raw, sizeof(raw)) : 0;
		return r;
	}
	if (!strpbrk(s->args, "pP"))
		return late(t, s, e, args);
	if (address(s, args, "pP") == 0 && e->empty_path && (strstr(s->name, "stat") || strstr(s->name, "xattr")))
		return 0;
	r = reference_string(t, address(s, args, "pP"), e->path, sizeof(e->path));
	return r == 0 && bad_flags && e->path[0] ? -EINVAL : r;
}

void reference_decode(const struct seccomp_data *data, const struct task *t, struct expectation *e)
{
	const struct signature *s = NULL;
	uint64_t args[7] = { 0 };

	enum abi abi = data->arch == AUDIT_ARCH_I386 ? ABI_I386 : data->arch == AUDIT_ARCH_AARCH64 ? ABI_AARCH64 :
		       data->nr & 0x40000000 ? ABI_X32 : ABI_X86_64;

	if (data->arch == AUDIT_ARCH_I386 || data->arch == AUDIT_ARCH_AARCH64 || data->arch == AUDIT_ARCH_X86_64)
		s = reference_signature(abi, data->nr);
	memset(e, 0, offsetof(struct expectation, path));
	e->abi = abi;
	e->outcome = -ENOSYS;
	e->name = "";
	if (!s)
		return;
	e->name = s->name;
	e->dirfd = AT_FDCWD;
	e->follow = true;
	e->uid = e->gid = 0xffffffff;
	e->reads_bytes = strpbrk(s->args, "CGhDlrSHAVy");
	e->path[0] = e->target[0] = '\0';
	values(data, s, e, args);
	e->outcome = memory(t, s, e, args);
	if (e->outcome == -EPERM)
		e->outcome = REASON_not_entered;
	else if (e->outcome < 0 && !strstr(s->name, "chown") && !strstr(s->name, "chmod") && !strstr(s->name, "socketcall"))
		e->outcome = REASON_kernel_refuses;
}
