/* SPDX-License-Identifier: Apache-2.0 */
/* xattrs that a kernel refuses to a root that is not its own: trusted.*, security.*, and ACLs of any ids; of several users, on several objects. */
#include "create.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "diff.h"
#include "ids.h"

#define ACL(...) { 2, 0, 0, 0, __VA_ARGS__ }
#define ENTRY(tag, perm, id) tag, 0, perm, 0, (id) & 255, (id) >> 8 & 255, (id) >> 16 & 255, (id) >> 24 & 255
#define OBJ(tag, perm) ENTRY(tag, perm, 0xffffffffU)

static const struct value {
	const char *name;
	size_t size;
	unsigned char bytes[64];
} acls[] = {
	{ "mode", 28, ACL(OBJ(1, 6), OBJ(4, 5), OBJ(32, 1)) },
	{ "mode with ids", 28, ACL(ENTRY(1, 6, 7), ENTRY(4, 4, 8), ENTRY(32, 0, 9)) },
	{ "user", 44, ACL(OBJ(1, 7), ENTRY(2, 6, 42), OBJ(4, 1), OBJ(16, 2), OBJ(32, 4)) },
	{ "root", 44, ACL(OBJ(1, 7), ENTRY(2, 6, 0), OBJ(4, 1), OBJ(16, 2), OBJ(32, 4)) },
	{ "both", 60, ACL(OBJ(1, 7), ENTRY(2, 6, 42), ENTRY(2, 1, 42), OBJ(4, 1), ENTRY(8, 7, 60), OBJ(16, 5), OBJ(32, 0)) },
	{ "mask", 36, ACL(OBJ(1, 7), OBJ(4, 6), OBJ(16, 4), OBJ(32, 0)) },
	{ "order", 44, ACL(OBJ(1, 7), OBJ(4, 1), ENTRY(2, 6, 42), OBJ(16, 2), OBJ(32, 4)) },
	{ "no mask", 36, ACL(OBJ(1, 7), ENTRY(2, 6, 42), OBJ(4, 1), OBJ(32, 4)) },
	{ "short", 20, ACL(OBJ(1, 7), OBJ(4, 1)) },
	{ "twice", 36, ACL(OBJ(1, 7), OBJ(4, 1), OBJ(32, 4), OBJ(32, 4)) },
	{ "bits", 28, ACL(OBJ(1, 8), OBJ(4, 1), OBJ(32, 4)) },
	{ "tag", 28, ACL(OBJ(3, 6), OBJ(4, 5), OBJ(32, 1)) },
	{ "no id", 44, ACL(OBJ(1, 7), OBJ(2, 6), OBJ(4, 1), OBJ(16, 2), OBJ(32, 4)) },
	{ "odd", 27, ACL(OBJ(1, 6), OBJ(4, 5), OBJ(32, 1)) },
	{ "header", 4, ACL(0) },
	{ "half", 2, ACL(0) },
	{ "version", 28, { 1, 0, 0, 0, OBJ(1, 6), OBJ(4, 5), OBJ(32, 1) } },
	{ "empty", 0, { 0 } },
}, texts[] = {
	{ "text", 5, "value" }, { "zeros", 3, "\0\0" }, { "nothing", 0, "" }, { "long", 40, "0123456789012345678901234567890123456789" },
}, capabilities[] = {
	{ "ping", 20, { 1, 0, 0, 2, 0, 32 } }, { "bad", 5, "value" },
};

static const struct made {
	const char *name;
	mode_t mode; /* with its type */
	uid_t uid;
	gid_t gid;
} made[] = {
	{ "file", S_IFREG | 0644, 0, 0 }, { "users", S_IFREG | 06754, 1000, 1000 }, { "others", S_IFREG | 02775, 1001, 60 },
	{ "dir", S_IFDIR | 0755, 0, 0 }, { "users-dir", S_IFDIR | 03777, 1000, 50 },
};

static const char *const names[] = {
	"trusted.x", "trusted.overlay.opaque", "security.x", "security.capability", "system.posix_acl_access", "system.posix_acl_default",
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In an order of our own: each file system has another. */
static void show_list(void)
{
	char list[1024], *name[64];
	long n = raw(SYS_listxattr, "x", list, sizeof(list)), size = raw(SYS_llistxattr, "x", NULL, 0);
	size_t count = 0;

	show_result(n);
	if (n != size)
		out(" but %ld", size);
	for (long i = 0; i < n && count < ARRAY_SIZE(name); i += (long)strlen(list + i) + 1)
		name[count++] = list + i;
	qsort(name, count, sizeof(name[0]), compare);
	for (size_t i = 0; i < count; i++)
		out(" %s", name[i]);
}

static void show_value(const char *name)
{
	unsigned char bytes[256];
	long n = raw(SYS_getxattr, "x", name, bytes, sizeof(bytes));

	show_result(n);
	for (long i = 0; i < n; i++)
		out("%s%02x", i ? "" : " ", bytes[i]);
	if (n > 0)
		show_result(raw(SYS_lgetxattr, "x", name, bytes, n - 1));
	show_result(raw(SYS_getxattr, "x", name, NULL, 0));
}

static void show(const char *name)
{
	struct stat st;

	if (stat("x", &st) < 0)
		die("x");
	out(" | %o %u:%u", st.st_mode, st.st_uid, st.st_gid);
	show_value(name);
	show_list();
}

/* By a user, of an object that root has made, in a directory that everybody may change. */
static void changes(const char *name, const struct value *v)
{
	int fd = open("x", O_RDONLY);

	show_result(raw(SYS_setxattr, "x", name, v->bytes, v->size, XATTR_REPLACE));
	show_result(raw(SYS_lsetxattr, "x", name, v->bytes, v->size, XATTR_CREATE));
	show(name);
	show_result(raw(SYS_fsetxattr, fd, name, v->bytes, v->size, XATTR_CREATE));
	show_result(raw(SYS_setxattr, "x", name, v->bytes, v->size, 0));
	show_result(raw(SYS_setxattr, "x", name, v->bytes, v->size, 4));
	show_result(raw(SYS_setxattr, "x", name, v->size ? NOWHERE : NULL, v->size, 0));
	show_result(raw(WIDE(chown), "x", -1, 50));
	show_result(raw(SYS_chmod, "x", 0640));
	show(name);
	show_result(raw(SYS_fremovexattr, fd, name));
	show_result(raw(SYS_removexattr, "x", name));
	show(name);
	close(fd);
}

static const struct made *some_object;
static const char *some_name;
static const struct value *some_value;

static void body(const struct create_user *user)
{
	if (!begin("%s: %s of %s, %s", user->name, some_name, some_object->name, some_value->name))
		return;
	changes(some_name, some_value);
	end();
}

static void be_admin(void)
{
	const uint64_t wanted = CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_SETFCAP);
	struct sets sets;

	raw(SYS_prctl, PR_SET_KEEPCAPS, 1);
	create_users[1].become();
	get_sets(&sets);
	sets.effective = sets.permitted &= wanted;
	if (set_sets(&sets) < 0)
		die("capset");
}

static const struct create_user admin = { "admin", be_admin };

static bool is_tmpfs;

static void make(const struct made *o)
{
	bool dir = S_ISDIR(o->mode);
	/* tmpfs, alone, has a removed access ACL take away S_ISGID */
	mode_t mode = o->mode & (is_tmpfs ? 05777 : 07777);

	if ((dir ? mkdir("x", 0700) : mknod("x", S_IFREG | 0600, 0)) < 0 || raw(WIDE(chown), "x", o->uid, o->gid) < 0 || chmod("x", mode) < 0)
		die("x");
}

/* One that is kept with another object's change of name, owner and mode, and that has company. */
static void company(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		const struct made *o = &made[i];

		if (!begin("company of %s", o->name))
			continue;
		make(o);
		for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
			const struct value *v = n == 3 ? capabilities : n > 3 ? &acls[2 + n % 2 * 2] : texts;

			show_result(raw(SYS_setxattr, "x", names[n], v->bytes, v->size, 0));
		}
		show_result(raw(SYS_setxattr, "x", "user.y", "y", 1, 0));
		show_list();
		show_result(raw(WIDE(chown), "x", 0, 0));
		show_list();
		show_result(rename("x", "y") == 0 ? rename("y", "x") : -errno);
		for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
			out(" | %s", names[n]);
			show_value(names[n]);
			show_result(raw(SYS_removexattr, "x", names[n]));
			show_list();
		}
		end();
		remove("x");
	}
}

static void cases_of(const char *name, const struct value *values, size_t n)
{
	some_name = name;
	for (size_t o = 0; o < ARRAY_SIZE(made); o++) {
		some_object = &made[o];
		for (size_t u = 0; u <= create_user_count; u++) {
			for (size_t v = 0; v < n; v++) {
				some_value = &values[v];
				make(some_object);
				create_as(u < create_user_count ? &create_users[u] : &admin, body);
				remove("x");
			}
		}
	}
}

static void run_at(const char *at)
{
	if (mkdir(at, 0777) < 0 || chdir(at) < 0)
		die(at);
	set_prefix(at);
	is_tmpfs = at[1] == 'd';
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		if (n < 3)
			cases_of(names[n], texts, ARRAY_SIZE(texts));
		else if (n == 3)
			cases_of(names[n], capabilities, ARRAY_SIZE(capabilities));
		else
			cases_of(names[n], acls, ARRAY_SIZE(acls));
	}
	company();
}

void kept_pass(void)
{
	umask(0);
	memory_init();
	run_at("/work/kept");
	run_at("/dev/shm/kept");
}
