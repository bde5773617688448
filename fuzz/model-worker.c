/* SPDX-License-Identifier: Apache-2.0 */
#include "model-worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

#include "base/util.h"
#include "fake-create.h"
#include "fake-kernel.h"
#include "fake-mount.h"
#include "fuzz.h"
#include "model-cred.h"
#include "model-mount.h"
#include "model-xattr.h"
#include "reference-decode.h"
#include "reference-stat.h"

#define KEEP 0xffffffff

static struct { uint32_t uid, gid; } records[OBJECTS]; /* KEEP: as the kernel shows it */
static bool roots_may_differ, userns_may_differ;
static bool confined;
static bool names_device;                              /* what the placeholder has beside an owner's record */
static bool out_of_step;                               /* ... does not name the owner that it has */
static struct expectation e;

static void preset(int object, const char *bytes, size_t size, uint32_t uid, uint32_t gid)
{
	disk.xattrs[object].size = size;
	memcpy(disk.xattrs[object].bytes, bytes, size);
	records[object].uid = uid;
	records[object].gid = gid;
}

void model_start(uint8_t presets, bool roots, bool userns)
{
	static const char large[80];

	memset(&disk, 0, sizeof(disk));
	memset(records, 0xff, sizeof(records));
	roots_may_differ = roots;
	userns_may_differ = userns;
	confined = false;
	model_cred_start();
	fake_mounts_start();
	model_xattr_start(presets & 8);
	if (presets & 1)
		preset(0, "\x08\x07\x10\x08", 4, 7, 8);
	if (presets & 2)
		preset(1, "\xff", 1, KEEP, KEEP); /* these two are no records */
	if (presets & 4)
		preset(2, large, sizeof(large), KEEP, KEEP);
	if (presets & 8)
		preset(3, "\x10\xff\xff\xff\xff\x0f", 6, 0, KEEP); /* not as we write it */
	if (presets & 16) {
		disk.recorded[4] = true;
		disk.records[4] = (struct owner){ 1, 2 };
		records[4].uid = 1;
		records[4].gid = 2;
	}
	disk.others = presets & 32;
	/* nothing; a device without an owner's record, beside which alone it counts; one that says nothing; a device */
	names_device = presets & 64;
	out_of_step = !(presets & 128);
	if (presets >> 6) {
		const char *value = presets & 64 ? "0:0:6755:block-259-70000" : "0:0:6755:file";

		disk.devices[PLACEHOLDER].size = strlen(value);
		memcpy(disk.devices[PLACEHOLDER].bytes, value, strlen(value));
	}
	if (presets & 128)
		preset(PLACEHOLDER, "\x08\xff\xff\xff\xff\x0f\x10\xff\xff\xff\xff\x0f", 12, KEEP, KEEP);
}

bool model_roots_differ(void)
{
	return roots_may_differ;
}

bool model_userns_differ(void)
{
	return userns_may_differ;
}

bool model_is_confined(void)
{
	return confined;
}

void model_begin(void)
{
	struct task t = { .base = FAKE_MEMORY, .bytes = fake.memory, .length = fake.size, .beyond = -EFAULT };

	fake_made = 0;
	model_mount_begin();
	e.name = "";
	reference_decode(&fake.notif->data, &t, &e);
}

static bool is(const char *part)
{
	return strstr(e.name, part);
}

static bool is_chown(void)
{
	return is("chown");
}

static bool is_creation(void)
{
	return is("open") || is("creat") || is("mkdir") || is("mknod") || is("symlink") || strcmp(e.name, "bind") == 0;
}

/* For whom the kernel does not do it as well. */
static bool is_made_here(void)
{
	struct cred actor = model_actor();

	if (!e.path[0] || confined || fake.nested)
		return false;
	if (fake_is_device(e.name, e.mode))
		return cred_capable(&actor, CAP_MKNOD);
	return actor.fsuid != 0 || actor.fsgid != 0 || fake_is_elsewhere(e.path);
}

/* Of these no answer is foretold: of exec, for it depends on files and programs; of the others, which have tests of their own in tests/likeroot/peer. */
static bool is_free(void)
{
	return is("exec") || is("chmod") || is("sock") || is("limit");
}

static bool is_stat(void)
{
	return is("stat");
}

/* The object that the call names, or -errno. */
static int named(void)
{
	int start = e.path[0] == '/' ? FAKE_CWD : fake_dirfd(e.dirfd);

	if (e.path[0])
		return start < 0 ? start : fake_find(start, e.path, e.follow, fake.other_root);
	if (!e.empty_path)
		return -ENOENT;
	if (fake.path_fds && e.dirfd != AT_FDCWD && e.name[0] == 'f' && !is("nat") && !is("stat"))
		return -EBADF;
	return start;
}

static bool has_record(int object)
{
	return records[object].uid != KEEP || records[object].gid != KEEP;
}

static bool stands_for_device(int object)
{
	return object == PLACEHOLDER && names_device && disk.xattrs[object].size > 0;
}

static uint32_t shown_uid(int object)
{
	return records[object].uid == KEEP ? fake_objects[object].uid : records[object].uid;
}

static uint32_t shown_gid(int object)
{
	return records[object].gid == KEEP ? fake_objects[object].gid : records[object].gid;
}

/* chown(2) */
static bool may_chown(int object)
{
	struct cred actor = model_actor();
	uint32_t mode = fake_objects[object].mode;
	bool of_group = mode & 0010 || !(cred_in_group(&actor, shown_gid(object)) || cred_capable(&actor, CAP_FSETID));

	if (!S_ISDIR(mode) && (mode & 04000 || (mode & 02000 && of_group)) && shown_uid(object) != actor.fsuid && !cred_capable(&actor, CAP_FOWNER))
		return false;
	if (cred_capable(&actor, CAP_CHOWN))
		return true;
	if (shown_uid(object) != actor.fsuid)
		return e.uid == KEEP && e.gid == KEEP;
	return (e.uid == KEEP || e.uid == actor.fsuid) && (e.gid == KEEP || e.gid == shown_gid(object) || cred_in_group(&actor, e.gid));
}

/* May the kernel do it? It is a file of root's that root gets, by a descriptor, from one whom the kernel knows or who may do everything with it. */
static bool is_kernels_chown(int object)
{
	struct cred actor = model_actor();

	return is_chown() && e.outcome == 0 && object >= 0 && strncmp(e.name, "fchown", 6) == 0 && !is("at") && (e.uid == 0 || e.uid == KEEP) &&
	       (e.gid == 0 || e.gid == KEEP) && !has_record(object) && fake_objects[object].uid == 0 && fake_objects[object].gid == 0 &&
	       (!model_has_kept() || (cred_capable(&actor, CAP_CHOWN) && cred_capable(&actor, CAP_FOWNER) && cred_capable(&actor, CAP_FSETID)));
}

static void chown_object(int object)
{
	const struct object *o = &fake_objects[object];

	if (o->procfs)
		return;
	if (e.uid != KEEP)
		records[object].uid = e.uid != o->uid ? e.uid : KEEP;
	if (e.gid != KEEP)
		records[object].gid = e.gid != o->gid ? e.gid : KEEP;
}

/* What stat writes for the object: the length, or -EOVERFLOW. */
static int stat_object(int object, uint8_t bytes[static REFERENCE_STATX])
{
	unsigned int traits = is("statx") ? STATX : is("64") ? STAT64 : is("old") ? OLDSTAT : STAT;
	struct statx stx;

	fake_fill(object, &stx);
	stx.stx_uid = shown_uid(object);
	stx.stx_gid = shown_gid(object);
	if (stands_for_device(object)) {
		stx.stx_mode = 0066755;
		stx.stx_rdev_major = 259;
		stx.stx_rdev_minor = 70000;
		stx.stx_blocks = 0;
	}
	return reference_stat(e.abi, traits, (const uint8_t *)&stx, bytes);
}

/* Does a stat of what is not there fail for no other reason before? */
static bool says_missing(void)
{
	return is_stat() && e.path[0] && !(is("statx") && (e.mask & 0x80000000 || (e.at_flags & 0x6000) == 0x6000));
}

/* When nothing fails. */
static struct answer predict(int object)
{
	uint8_t bytes[REFERENCE_STATX];

	if (e.outcome > 0)
		return (struct answer){ .kernel = true };
	if (e.outcome < 0)
		return (struct answer){ .error = -e.outcome };
	if (is("io_uring"))
		return (struct answer){ .error = ENOSYS };
	if (model_is_of_credentials(&e))
		return model_cred_predict(&e, fake.nested);
	if (model_mount_is(&e))
		return model_mount_predict(&e, object, confined, fake.nested);
	if (is_creation())
		return (struct answer){ .kernel = !is_made_here() };
	if (!is_chown() && !is_stat() && !is("xattr"))
		return (struct answer){ .kernel = true };
	if (fake.nested)
		return (struct answer){ .kernel = true };
	if (object == -ENOENT && says_missing())
		return (struct answer){ .error = ENOENT };
	if (object < 0)
		return (struct answer){ .kernel = !is_chown(), .error = is_chown() ? -object : 0 };
	if (is_chown())
		return (struct answer){ .error = may_chown(object) ? 0 : EPERM };
	if (is_stat())
		return has_record(object) || stands_for_device(object) ? (struct answer){ .error = stat_object(object, bytes) < 0 ? EOVERFLOW : 0 } :
					    (struct answer){ .kernel = true };
	return model_xattr_predict(&e, object, shown_uid(object), shown_gid(object));
}

/* A success that the caller was told of. */
static void check_success(int object)
{
	uint8_t bytes[REFERENCE_STATX];
	int n;

	if (is_creation()) {
		struct cred actor = model_actor();

		CHECK(e.outcome == 0 && is_made_here() && fake_made == 1);
		CHECK(fake_maker.fsuid == actor.fsuid && fake_maker.fsgid == actor.fsgid && fake_maker.effective == actor.effective);
		return;
	}
	if (model_mount_is(&e))
		return model_mount_check(&e, object);
	CHECK(e.outcome == 0 && object >= 0 && (is_chown() || is_stat() || is("xattr")));
	if (object < 0 || is("xattr"))
		return;
	n = is_stat() ? stat_object(object, bytes) : 0;
	if (is_chown()) {
		CHECK(may_chown(object) && fake.writes == 0);
		chown_object(object);
		return;
	}
	CHECK(!is_stat() || has_record(object) || stands_for_device(object));
	CHECK(n >= 0 && fake.written == (size_t)n && fake.writes == (n > 0));
	CHECK(n <= 0 || (fake.places == 1 && fake.written_at[0] == e.bufs[0] && memcmp(fake.bytes, bytes, (size_t)n) == 0));
}

/* What others read: never another device, and another owner only where a change of it has failed half-way. */
static void check_device(void)
{
	const struct value *v = &disk.devices[PLACEHOLDER];
	unsigned int uid, gid, mode, major, minor;
	char text[81] = "";

	if (!names_device)
		return;
	memcpy(text, v->bytes, v->size);
	CHECK(sscanf(text, "%u:%u:%o:block-%u-%u", &uid, &gid, &mode, &major, &minor) == 5 && mode == 06755 && major == 259 && minor == 70000);
	out_of_step |= fake.uses[FAIL_setxattr] && fake.failed;
	CHECK(out_of_step || (uid == shown_uid(PLACEHOLDER) && gid == shown_gid(PLACEHOLDER)));
}

/* A new terminal has been recorded, which had no owner before. */
static void check_terminal(void)
{
	struct owner owner;

	if (!disk.recorded[FAKE_TERMINAL] || has_record(FAKE_TERMINAL) || !is("ioctl"))
		return;
	owner = model_mount_terminal(&e, fake.nested);
	records[FAKE_TERMINAL].uid = owner.cuid;
	records[FAKE_TERMINAL].gid = owner.cgid;
}

static void check_records(void)
{
	check_device();
	check_terminal();
	for (int i = 0; i < OBJECTS; i++) {
		const struct value *v = &disk.xattrs[i];
		struct owner record = { KEEP, KEEP };

		if (v->size > 0 && v->size <= 64)
			CHECK(owner_decode(v->bytes, v->size, &record) == 0 || v->size == 1);
		else if (v->size == 0 && disk.recorded[i])
			record = disk.records[i];
		CHECK(record.cuid == records[i].uid && record.cgid == records[i].gid);
	}
}

void model_end(void)
{
	const struct seccomp_notif_resp *r = &fake.response;
	bool kernel = r->flags == SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	int object = e.outcome == 0 ? named() : -ENOENT;
	struct answer want = predict(object);

	roots_may_differ |= fake.noted;
	userns_may_differ |= fake.noted;
	if (e.outcome == 0 && !fake.unread) {
		confined |= is("landlock");
		userns_may_differ |= is("setns") || ((is("unshare") || is("clone")) && e.clone_flags & 0x10000000);
		roots_may_differ |= userns_may_differ || is("chroot") || is("pivot_root") || ((is("unshare") || is("clone")) && e.clone_flags & 0x20000);
	}
	if (is("exec"))
		model_cred_exec();
	CHECK(fake.dead || fake.delivered == 1);
	if (r->id == 0) {
		if (model_is_of_credentials(&e)) /* no response was sent, so that nothing was done */
			model_cred_end(&e, &(struct answer){ .error = ENOENT });
		model_xattr_end(&e, false);
		return check_records();
	}
	if (model_is_of_credentials(&e))
		model_cred_end(&e, &(struct answer){ kernel, -r->error, r->val });
	CHECK((r->flags == 0 || (kernel && r->val == 0 && r->error == 0)) && r->error <= 0 && (r->error == 0 || r->val == 0));
	/* which never means that there is no owner */
	CHECK(!fake.record_unread || !is_stat() || (!kernel && r->error == -EIO));
	if (kernel)
		CHECK(fake.writes == 0 && (!is_chown() || e.outcome > 0 || fake.gone || fake.said_nested || fake.said_foreign || fake.said_unreadable ||
					   is_kernels_chown(object)));
	else if (r->error == 0 && !model_is_of_credentials(&e) && !is_free())
		check_success(object);
	if (!fake.failed && !is_free() && !(kernel && is_kernels_chown(object)))
		CHECK(kernel == want.kernel && r->error == -want.error && r->val == want.value);
	model_xattr_end(&e, is("xattr") && !kernel && r->error == 0);
	check_records();
}
