/* SPDX-License-Identifier: Apache-2.0 */
#include "model-mount.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "fake-kernel.h"
#include "fake-mount.h"
#include "fuzz.h"
#include "rule/mount.h"

static const struct owner self = { 0, 0 }, none = { OWNER_NONE, OWNER_NONE };
static bool noted;

void model_mount_begin(void)
{
	fake_mounts = 0;
	noted = fake_context_noted;
}

static bool is(const struct expectation *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

bool model_mount_is(const struct expectation *e)
{
	return strstr(e->name, "mount") || is(e, "fsconfig");
}

/* What rule/mount.h says, which has a target of its own. */
static bool asks(const struct expectation *e, struct owner *asked)
{
	const struct mount_type *type = mount_type_find(e->fs_type);

	return type && mount_asks(type, (const char *)e->value, self, asked);
}

/* Of the id that fsconfig(2) sets: 1: no other one than that of ours; 2: another; 0: it is none. */
static int id_kind(const struct expectation *e)
{
	uint32_t id;

	return mount_id((const char *)e->value, &id) < 0 ? 0 : id == 0 ? 1 : 2;
}

/* Is there something for us to do? */
static bool concerns(const struct expectation *e)
{
	struct owner asked;

	if (is(e, "mount"))
		return asks(e, &asked);
	if (is(e, "move_mount"))
		return fake_dirfd(e->socket) == FAKE_MOUNT && e->socket >= 0;
	if (e->dirfd != FAKE_CONTEXT)
		return false;
	if (is(e, "fsmount") || e->option != 1)
		return noted;
	return id_kind(e) == 2 || (id_kind(e) == 1 && noted);
}

struct answer model_mount_predict(const struct expectation *e, int object, bool confined, bool nested)
{
	struct cred actor = model_actor();

	if (!concerns(e) || confined || nested)
		return (struct answer){ .kernel = true };
	if (is(e, "fsconfig"))
		return (struct answer){ .error = e->option == 1 ? 0 : EINVAL };
	if (!is(e, "fsmount") && object < 0)
		return (struct answer){ .kernel = true };
	if (!cred_capable(&actor, CAP_SYS_ADMIN))
		return (struct answer){ .error = EPERM };
	return (struct answer){ .error = is(e, "fsmount") ? EMFILE : 0 };
}

void model_mount_check(const struct expectation *e, int object)
{
	struct cred actor = model_actor();
	struct owner asked = none;

	CHECK(e->outcome == 0 && concerns(e));
	if (is(e, "fsconfig")) {
		CHECK(fake_context_noted && fake_mounts == 0);
		return;
	}
	CHECK(fake_mounts == 1 && fake_mounted_at == object && cred_capable(&actor, CAP_SYS_ADMIN));
	if (is(e, "mount"))
		CHECK(asks(e, &asked) && owner_equal(fake_asked, asked) && fake_mount_owner.cuid == actor.fsuid && fake_mount_owner.cgid == actor.fsgid);
}

struct owner model_mount_terminal(const struct expectation *e, bool nested)
{
	struct cred actor = model_actor();

	CHECK(is(e, "ioctl") && (e->option == 0x80045430 || e->option == 0x40045431) && e->outcome == 0 && !nested && e->dirfd == FAKE_PTMX);
	return (struct owner){ actor.fsuid == 0 ? OWNER_NONE : actor.fsuid, 5 };
}
