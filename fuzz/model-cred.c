/* SPDX-License-Identifier: Apache-2.0 */
#include "model-cred.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>

#include "fake-kernel.h"
#include "fake-process.h"
#include "fuzz.h"

/* What makes two calls the same change. */
struct change {
	const char *name;
	uint32_t ids[3], option;
	int32_t count;
	uint64_t values[4], caps[3];
	uint32_t groups[256];
};

static struct process {
	bool kept;
	struct cred cred;
	/* the last change, its answer, the tasks that have it, and the credentials after it */
	struct change change;
	struct answer answer;
	bool told[256];
	struct cred after;
} processes[FAKE_PROCESSES], next; /* of the caller, when nothing fails */

static struct { size_t n, length; uint64_t at[3]; uint8_t bytes[FAKE_WRITE]; } result;

void model_cred_start(void)
{
	memset(processes, 0, sizeof(processes));
}

static bool is(const struct expectation *e, const char *name)
{
	size_t n = strlen(name);

	return strncmp(e->name, name, n) == 0 && (e->name[n] == '\0' || strcmp(e->name + n, "32") == 0);
}

bool model_is_of_credentials(const struct expectation *e)
{
	static const char *const parts[] = { "uid", "gid", "groups", "capget", "capset", "prctl" };
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		found |= strstr(e->name, parts[i]) != NULL;
	return found;
}

static struct process *own(void)
{
	return &processes[fake_process((pid_t)fake.notif->pid)];
}

bool model_has_kept(void)
{
	return own()->kept;
}

struct cred model_actor(void)
{
	return own()->kept ? own()->cred : fake_first_credentials();
}

/* The call as it acts on credentials; its result. */
static int64_t act(const struct expectation *e, struct cred *c)
{
	static const char *const names[CRED_CALL_COUNT] = {
		"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid"
	};

	for (enum cred_call call = 0; call < CRED_CALL_COUNT; call++)
		if (is(e, names[call]))
			return cred_set_ids(c, call, e->ids);
	if (is(e, "capset"))
		return cred_capset(c, e->caps[0], e->caps[1], e->caps[2]);
	if (is(e, "prctl"))
		return cred_prctl(c, (int)e->option, e->values);
	if (!cred_capable(c, CAP_SETGID))
		return -EPERM;
	if (e->count < 0 || e->count > 256)
		return -EINVAL;
	return e->memory_error ? e->memory_error : cred_setgroups(c, e->groups, (size_t)e->count);
}

static struct answer change(const struct expectation *e)
{
	struct cred new = model_actor(), old = new;
	struct change change;
	int64_t r;

	memset(&change, 0, sizeof(change));
	change.name = e->name;
	change.option = e->option;
	change.count = e->count;
	memcpy(change.ids, e->ids, sizeof(change.ids));
	memcpy(change.values, e->values, sizeof(change.values));
	memcpy(change.caps, e->caps, sizeof(change.caps));
	if (e->count > 0 && e->count <= 256)
		memcpy(change.groups, e->groups, (size_t)e->count * sizeof(change.groups[0]));
	if (e->memory_error == 0 && memcmp(&change, &next.change, sizeof(change)) == 0 && next.kept && cred_equal(&next.cred, &next.after) &&
	    !next.told[fake.notif->pid - FAKE_TIDS]) {
		next.told[fake.notif->pid - FAKE_TIDS] = true;
		return next.answer;
	}
	r = act(e, &new);
	if (r < 0)
		return (struct answer){ .error = (int)-r };
	if (cred_equal(&old, &new))
		return (struct answer){ .value = r };
	if (!fake_has_room())
		return (struct answer){ .error = EAGAIN };
	next.kept = true;
	next.cred = next.after = new;
	next.change = change;
	next.answer = (struct answer){ .value = r };
	memset(next.told, 0, sizeof(next.told));
	next.told[fake.notif->pid - FAKE_TIDS] = true;
	return next.answer;
}

/* The kernel makes such a change as well. */
static struct answer change_both(const struct expectation *e)
{
	struct answer a = change(e);

	return a.error ? a : (struct answer){ .kernel = true };
}

static void put(uint64_t address, uint64_t value, size_t width)
{
	if (result.n == 0 || result.at[result.n - 1] != address)
		result.at[result.n++] = address;
	for (size_t i = 0; i < width; i++)
		result.bytes[result.length++] = (uint8_t)(value >> 8 * i);
}

static uint32_t shown(bool narrow, uint32_t id)
{
	return narrow && id > 0xffff ? 65534 : id;
}

static struct answer show_ids(const struct expectation *e, const struct cred *c)
{
	bool narrow = e->abi == ABI_I386 && !strstr(e->name, "32"), user = strstr(e->name, "uid");
	const uint32_t ids[] = { user ? c->ruid : c->rgid, user ? c->euid : c->egid, user ? c->suid : c->sgid };

	if (is(e, "getgroups")) {
		if (e->count < 0 || (e->count != 0 && (uint32_t)e->count < c->n_groups))
			return (struct answer){ .error = EINVAL };
		for (uint32_t i = 0; i < c->n_groups && e->count > 0; i++)
			put(e->bufs[0], shown(narrow, c->groups[i]), narrow ? 2 : 4);
		return (struct answer){ .value = c->n_groups };
	}
	if (!strstr(e->name, "res"))
		return (struct answer){ .value = shown(narrow, ids[e->name[3] == 'e']) };
	for (size_t i = 0; i < 3; i++) {
		/* three places, even at one address */
		result.at[result.n++] = e->bufs[i];
		put(e->bufs[i], shown(narrow, ids[i]), narrow ? 2 : 4);
	}
	return (struct answer){ .value = 0 };
}

static size_t words(const struct expectation *e)
{
	return e->version == 0x19980330 ? 1 : e->version == 0x20071026 || e->version == 0x20080522 ? 2 : 0;
}

static struct answer show_capabilities(const struct expectation *e, bool nested)
{
	const struct process *p = e->pid == FAKE_OTHER_PID ? &processes[!fake_process((pid_t)fake.notif->pid)] : own();
	bool exists = e->pid == 0 || e->pid == FAKE_OWN_PID || e->pid == FAKE_OTHER_PID;

	if (e->memory_error || words(e) == 0 || !exists || e->bufs[0] == 0 || !p->kept || nested)
		return (struct answer){ .kernel = true };
	for (size_t i = 0; i < words(e); i++) {
		put(e->bufs[0], p->cred.effective >> 32 * i, 4);
		put(e->bufs[0], p->cred.permitted >> 32 * i, 4);
		put(e->bufs[0], p->cred.inheritable >> 32 * i, 4);
	}
	return (struct answer){ .value = 0 };
}

struct answer model_cred_predict(const struct expectation *e, bool nested)
{
	const struct answer kernel = { .kernel = true };
	bool kept = own()->kept, of_self = e->pid == 0 || e->pid == FAKE_OWN_PID;
	struct cred none = { 0 };

	next = *own();
	memset(&result, 0, sizeof(result));
	if (is(e, "capget"))
		return show_capabilities(e, nested);
	if (nested)
		return kernel;
	if (is(e, "capset"))
		return !kept || e->memory_error || words(e) == 0 || !of_self ? kernel : change_both(e);
	if (is(e, "prctl")) {
		if (!cred_has_prctl((int)e->option) || (!kept && e->option != PR_SET_KEEPCAPS && e->option != PR_SET_SECUREBITS))
			return kernel;
		return e->option == PR_CAPBSET_DROP ? change_both(e) : change(e);
	}
	if (e->name[0] == 's')
		return change(e);
	/* the kernel has no groups of the container's */
	if (!kept && !is(e, "getgroups"))
		return kernel;
	return show_ids(e, kept ? &own()->cred : &none);
}

static void check_written(void)
{
	CHECK(fake.writes == (result.length > 0) && fake.written == result.length);
	if (result.length == 0)
		return;
	CHECK(fake.places == result.n && memcmp(fake.bytes, result.bytes, result.length) == 0);
	for (size_t i = 0; i < result.n; i++)
		CHECK(fake.written_at[i] == result.at[i]);
}

/* Those of all processes, as the worker does. */
static void forget_changes(void)
{
	for (size_t i = 0; i < FAKE_PROCESSES; i++)
		memset(&processes[i].change, 0, sizeof(processes[i].change));
	fake_forget_changes();
}

void model_cred_end(const struct expectation *e, const struct answer *got)
{
	struct process *p = own();
	struct cred now = { 0 };
	bool kept;

	if (e->outcome != 0)
		return;
	if (!got->kernel && got->error == 0 && !fake.gone)
		check_written();
	/* the rest is a look from outside */
	fake.failing = 0;
	fake.gone = false;
	kept = credentials_of((pid_t)fake.notif->pid, &now);
	if (!fake.failed) {
		CHECK(kept == next.kept && (!kept || cred_equal(&now, &next.cred)));
		*p = next;
		return;
	}
	/* a change was made or it was not; one that the caller was told of was */
	CHECK((kept == next.kept && cred_equal(&now, &next.cred)) ||
	      ((got->kernel || got->error) && kept == p->kept && cred_equal(&now, &p->cred)));
	p->kept = kept;
	p->cred = now;
	/* what the worker remembers of it depends on when it failed */
	forget_changes();
}

void model_cred_exec(void)
{
	struct process *p = own();

	fake.failing = 0;
	fake.gone = false;
	memset(&p->cred, 0, sizeof(p->cred));
	p->kept = credentials_of((pid_t)fake.notif->pid, &p->cred);
	forget_changes();
}
