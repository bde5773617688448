/* SPDX-License-Identifier: Apache-2.0 */
#include "model-xattr.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "fake-kernel.h"
#include "fuzz.h"
#include "reference-acl.h"
#include "reference-memory.h"

static struct kept known[OBJECTS][KEPT];  /* before the call */
static struct kept wanted[OBJECTS][KEPT]; /* after it */
static uint8_t reads[FAKE_LIST];          /* what it reads */
static size_t n_reads;
static bool sets_mode;
static uint32_t mode_wanted;

void model_xattr_start(bool odd_one)
{
	/* no ACL, as only someone else can have written it */
	struct kept odd = { .name = "system.posix_acl_default", .size = 5, .bytes = "\2" };

	memset(known, 0, sizeof(known));
	if (odd_one) {
		known[3][0] = odd;
		known[3][1] = (struct kept){ .name = "user.x", .size = 1, .bytes = "x" };
	}
	memcpy(wanted, known, sizeof(wanted));
	memcpy(disk.kept, known, sizeof(known));
	disk.native_acl[0] = disk.native_acl[PLACEHOLDER] = true;
}

static struct kept *find(int object, const char *name)
{
	for (int i = 0; i < KEPT; i++)
		if (strcmp(wanted[object][i].name, name) == 0)
			return &wanted[object][i];
	return NULL;
}

static bool is(const struct expectation *e, const char *part)
{
	return strstr(e->name, part);
}

static bool is_acl(const char *name)
{
	return strstr(name, "system.posix_acl_") == name;
}

static bool is_trusted(const char *name)
{
	return strstr(name, "trusted.") == name;
}

static bool is_file(int object)
{
	return S_ISREG(fake_objects[object].mode) || S_ISDIR(fake_objects[object].mode);
}

static struct answer kernels(void)
{
	return (struct answer){ .kernel = true };
}

static struct answer fails(int error)
{
	return (struct answer){ .error = error };
}

static struct answer hidden(const struct expectation *e, int object)
{
	const struct object *o = &fake_objects[object];

	if (is(e, "set"))
		return fails(EPERM);
	if (o->no_get == EOPNOTSUPP)
		return fails(EOPNOTSUPP);
	return fails(is(e, "remove") && !is_file(object) ? EPERM : ENODATA);
}

/* What is in reads, by a buffer that may be too small. */
static struct answer given(const struct expectation *e, size_t n)
{
	if (e->size != 0 && e->size < n)
		return fails(ERANGE);
	n_reads = e->size == 0 ? 0 : n;
	return (struct answer){ .value = (int64_t)n };
}

static bool is_valid_acl(const uint8_t *bytes, size_t n)
{
	return reference_acl(bytes, n) == 0 && n > 4 && reference_acl_count(bytes, n).fits;
}

static struct answer get(const struct expectation *e, int object, const struct cred *actor)
{
	const struct kept *kept = find(object, e->xattr);
	uint32_t mode = fake_objects[object].mode;
	struct acl_counts c;

	if (!kept || fake_objects[object].no_get || strcmp(e->xattr, "security.capability") == 0)
		return kernels();
	if (is_trusted(e->xattr) && !cred_capable(actor, CAP_SYS_ADMIN))
		return kernels();
	memcpy(reads, kept->bytes, kept->size);
	if (!is_acl(e->xattr))
		return given(e, kept->size);
	if (!is_valid_acl(kept->bytes, kept->size))
		return kernels();
	c = reference_acl_count(kept->bytes, kept->size);
	for (size_t i = 4; i < kept->size && strstr(e->xattr, "access"); i += 8) {
		uint8_t tag = kept->bytes[i];

		if (tag == 1 || tag == 32 || tag == (c.masks ? 16 : 4))
			reads[i + 2] = mode >> (tag == 1 ? 6 : tag == 32 ? 0 : 3) & 7;
	}
	return given(e, kept->size);
}

static struct answer list(const struct expectation *e, int object, const struct cred *actor)
{
	uint8_t all[FAKE_LIST];
	size_t total = fake_list(object, all), n = 0;

	if (disk.xattrs[object].size == 0)
		return kernels();
	for (size_t i = 0; i < total; i += strlen((char *)all + i) + 1) {
		const char *name = (char *)all + i;

		if (strstr(name, "user.subuidless.") == name) {
			name += strlen("user.subuidless.");
			/* the kernel has one of this name itself; and what nobody can have put there for us */
			if (strcmp(name, "security.x") == 0 || strstr(name, "user.") == name || (is_trusted(name) && !cred_capable(actor, CAP_SYS_ADMIN)))
				continue;
		} else if (reference_is_ours(name)) {
			continue;
		}
		strcpy((char *)reads + n, name);
		n += strlen(name) + 1;
	}
	return given(e, n);
}

/* It can keep no xattr of ours. */
static bool is_unfit(int object)
{
	int error = fake_objects[object].no_set;

	return error == EPERM || error == EACCES || error == EOPNOTSUPP;
}

static struct answer set_value(const struct expectation *e, int object, const uint8_t *bytes, size_t n, uint32_t flags)
{
	struct kept *kept = find(object, e->xattr);

	if (strlen(e->xattr) > 239)
		return fails(ENOSPC);
	/* nor does the daemon keep any here */
	if (fake_objects[object].no_set)
		return fails(is_unfit(object) ? EPERM : fake_objects[object].no_set);
	if (kept && flags & 1)
		return fails(EEXIST);
	if (!kept && flags & 2)
		return fails(ENODATA);
	if (!kept)
		kept = find(object, "");
	if (!kept || strlen(e->xattr) >= KEPT_NAME || n > KEPT_SIZE)
		return fails(ENOSPC);
	memset(kept, 0, sizeof(*kept));
	strcpy(kept->name, e->xattr);
	kept->size = n;
	memcpy(kept->bytes, bytes, n);
	return fails(0);
}

static struct answer remove_value(const struct expectation *e, int object)
{
	struct kept *kept = find(object, e->xattr);

	if (strlen(e->xattr) <= 239 && fake_objects[object].no_set && !is_unfit(object))
		return fails(fake_objects[object].no_set);
	if (!kept)
		return fails(ENODATA);
	memset(kept, 0, sizeof(*kept));
	return fails(0);
}

static struct answer change_value(const struct expectation *e, int object, const struct cred *actor)
{
	struct answer a;

	if (!cred_capable(actor, CAP_SYS_ADMIN))
		return fails(EPERM);
	if (is(e, "set"))
		return set_value(e, object, e->value, e->size, e->option);
	a = remove_value(e, object);
	if (a.error == EPERM)
		a.error = ENODATA;
	if (a.error == ENODATA && strcmp(e->xattr, "security.x") == 0 && fake_objects[object].no_get != EOPNOTSUPP)
		return kernels();
	return a;
}

static struct answer change_acl(const struct expectation *e, int object, const struct cred *actor, uint32_t uid, uint32_t gid)
{
	bool access = strstr(e->xattr, "access"), none = e->size <= 4;
	uint32_t mode = fake_objects[object].mode;
	int error = reference_acl(e->value, e->size);
	struct acl_counts c = { 0 };
	uint8_t bytes[KEPT_SIZE];
	struct answer a;

	if (fake_objects[object].no_get == EOPNOTSUPP)
		return kernels();
	if (error < 0)
		return fails(-error);
	if (!access && !S_ISDIR(mode) && !none)
		return fails(EACCES);
	if ((access || S_ISDIR(mode)) && uid != actor->fsuid && !cred_capable(actor, CAP_FOWNER))
		return fails(EPERM);
	if (!none)
		c = reference_acl_count(e->value, e->size);
	if (!none && !c.fits)
		return fails(EINVAL);
	sets_mode = access && !none;
	mode_wanted = (mode & 07000) | c.perm[1] << 6 | c.perm[c.masks ? 16 : 4] << 3 | c.perm[32];
	if (!cred_in_group(actor, gid) && !cred_capable(actor, CAP_FSETID))
		mode_wanted &= ~02000U;
	if (none || (access && e->size == 28)) {
		a = remove_value(e, object);
		if (a.error == ENODATA)
			a.error = 0;
	} else if (e->size > sizeof(bytes)) {
		a = fails(fake_objects[object].no_set ? fake_objects[object].no_set : ENOSPC);
	} else {
		memcpy(bytes, e->value, e->size);
		for (size_t i = 4; i < e->size; i += 8)
			if (bytes[i] != 2 && bytes[i] != 8)
				memset(bytes + i + 4, 0xff, 4);
		a = set_value(e, object, bytes, e->size, 0);
	}
	sets_mode &= a.error == 0;
	return a.error == EPERM ? kernels() : a;
}

struct answer model_xattr_predict(const struct expectation *e, int object, uint32_t uid, uint32_t gid)
{
	struct cred actor = model_actor();
	const uint8_t *v = e->value;

	if (is(e, "list"))
		return list(e, object, &actor);
	if (reference_is_ours(e->xattr))
		return hidden(e, object);
	if (is(e, "get"))
		return get(e, object, &actor);
	if (strcmp(e->xattr, "security.capability") == 0) {
		if (cred_capable(&actor, CAP_SETFCAP))
			return kernels();
		return fails(is(e, "set") && !(e->size == 20 && v[3] == 2) && !(e->size == 24 && v[3] == 3) ? EINVAL : EPERM);
	}
	return is_acl(e->xattr) ? change_acl(e, object, &actor, uid, gid) : change_value(e, object, &actor);
}

void model_xattr_end(const struct expectation *e, bool done)
{
	bool as_wanted = memcmp(disk.kept, wanted, sizeof(wanted)) == 0;

	CHECK(as_wanted || (!done && memcmp(disk.kept, known, sizeof(known)) == 0));
	if (done) {
		CHECK(fake.written == n_reads && fake.writes == (n_reads > 0) && memcmp(fake.bytes, reads, n_reads) == 0);
		CHECK(n_reads == 0 || (fake.places == 1 && fake.written_at[0] == e->bufs[0]));
		CHECK((fake.chmods > 0) == sets_mode && (!sets_mode || fake.chmod_mode == mode_wanted));
	}
	memcpy(known, disk.kept, sizeof(known));
	memcpy(wanted, known, sizeof(known));
	n_reads = 0;
	sets_mode = false;
	for (int i = 0; i < OBJECTS; i++)
		for (int k = 0; k < KEPT; k++)
			CHECK(!known[i][k].name[0] || disk.xattrs[i].size > 0 || fake.failed);
}
