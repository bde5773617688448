/* SPDX-License-Identifier: Apache-2.0 */
#include "reference-mount.h"

#include <errno.h>
#include <string.h>

#include "base/reason.h"
#include "reference-memory.h"

/* What the argument of this kind holds. */
static uint64_t address(const struct signature *s, const uint64_t args[6], const char *kind)
{
	return args[strcspn(s->args, kind)];
}

int reference_mount(const struct task *t, const struct signature *s, struct expectation *e, const uint64_t args[6])
{
	int r;

	if (strchr(s->args, 'N')) {
		uint64_t flags = e->values[0], from = address(s, args, "N");
		uint8_t first = 0;

		r = from ? reference_bytes(t, from, &first, 1) : 0;
		e->follow = flags & 0x10;
		e->empty_path = flags & 0x40;
		return !(flags & 4) || (r == 0 && first) ? (int)REASON_other_option : r;
	}
	if (strchr(s->args, 'K')) {
		if (e->option != 1)
			return e->option == 7 ? 0 : REASON_other_option;
		if ((uint32_t)e->values[0])
			return REASON_kernel_refuses;
		r = reference_string(t, address(s, args, "K"), e->xattr, 256);
		if (r == 0 && strcmp(e->xattr, "uid") != 0 && strcmp(e->xattr, "gid") != 0)
			return REASON_other_option;
		return r == 0 ? reference_string(t, address(s, args, "L"), (char *)e->value, 256) : r;
	}
	if (e->mount_flags & ~UINT64_C(0x3208ddf) || address(s, args, "B") == 0)
		return REASON_other_option;
	r = reference_string(t, address(s, args, "T"), e->fs_type, sizeof(e->fs_type));
	e->has_source = address(s, args, "Q");
	if (r == 0 && e->has_source)
		r = reference_string(t, address(s, args, "Q"), e->target, sizeof(e->target));
	else if (r == -ENAMETOOLONG)
		r = REASON_other_option;
	if (r == 0)
		r = reference_string(t, address(s, args, "B"), (char *)e->value, 4096);
	else
		return r;
	/* of more than a page, the rest is cut off */
	if (r == -ENAMETOOLONG)
		r = reference_bytes(t, address(s, args, "B"), e->value, 4095);
	return r;
}
