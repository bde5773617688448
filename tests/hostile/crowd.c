/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd attack N: serves a FUSE file system with N fifos, whose inode numbers are chosen so that an unkeyed hash would put all of their owners in
 * one place of the owner store, gives each an owner, and then takes and gives these again and again. crowd watch: meanwhile, in another
 * container: looks at owners and changes them. Both until /stop is there.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WATCHED 400
#define CHANGERS 4

/* The numbers that hash_add() of src/base/hash.h gives bits 32 to 51 of none: the inverse of its multiplication, and of its shift. */
static uint64_t number_of(uint64_t i)
{
	uint64_t hash = (i & 0xfffffff) | (i >> 28) << 52, inverse = UINT64_C(0x9e3779b97f4a7c15), word = hash ^ hash >> 29 ^ hash >> 58;

	/* Newton's method: each step doubles the bits that are right */
	for (int n = 0; n < 6; n++)
		inverse *= 2 - UINT64_C(0x9e3779b97f4a7c15) * inverse;
	return word * inverse;
}

/* node 1 is the root directory */
static struct fuse_attr attr_of(uint64_t node)
{
	return (struct fuse_attr){ .ino = node == 1 ? 1 : number_of(node), .nlink = 1, .blksize = 4096, .mode = node == 1 ? S_IFDIR | 0755 : S_IFIFO | 0644 };
}

static void answer(int fuse, const struct fuse_in_header *in, const char *body)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096, .max_background = 64 };
	struct fuse_attr_out attr = { .attr = attr_of(in->nodeid), .attr_valid = 3600 };
	struct fuse_entry_out entry = { .entry_valid = 3600, .attr_valid = 3600 };

	switch (in->opcode) {
	case FUSE_INIT:
		return fuse_reply(fuse, in->unique, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		if (body[0] != 'p')
			return fuse_reply(fuse, in->unique, -ENOENT, NULL, 0);
		entry.nodeid = 2 + strtoul(body + 1, NULL, 10);
		entry.attr = attr_of(entry.nodeid);
		return fuse_reply(fuse, in->unique, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		return fuse_reply(fuse, in->unique, 0, &attr, sizeof(attr));
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return; /* have no answer */
	default:
		return fuse_reply(fuse, in->unique, -ENOSYS, NULL, 0);
	}
}

static void serve(int fuse)
{
	static union { struct fuse_in_header in; char bytes[1 << 17]; } request;

	for (;;) {
		ssize_t n = read(fuse, &request, sizeof(request) - 1);

		if (n < 0 && errno == ENODEV)
			_exit(0);
		if (n < (ssize_t)sizeof(request.in))
			continue;
		request.bytes[n] = '\0';
		answer(fuse, &request.in, request.bytes + sizeof(request.in));
	}
}

static bool is_to_stop(void)
{
	return access("/stop", F_OK) == 0;
}

static const char *fifo(unsigned long i)
{
	static char name[32];

	snprintf(name, sizeof(name), "/mnt/p%lu", i);
	return name;
}

/* One of several at once. What goes from the front would make a table that moves others up move most. */
static void change(unsigned long n, unsigned long from)
{
	unsigned long changes = 0;

	for (unsigned long i = from; !is_to_stop(); i = (i + 1) % n) {
		long r = sys_chown(fifo(i), 0, 0);

		if (r == 0)
			r = sys_chown(fifo(i), 1000, 1000);
		if (r != 0)
			wrong("the attacker cannot change its own: %s", strerror((int)-r));
		changes += 2;
	}
	printf("%lu changes more\n", changes);
	fflush(stdout);
	_exit(verdict());
}

static void attack(unsigned long n)
{
	int fuse = fuse_mount("/mnt"), status;
	unsigned long refused = 0;
	pid_t server = fork(), changers[CHANGERS];

	if (server == 0)
		serve(fuse);
	for (unsigned long i = 0; i < n; i++)
		if (sys_chown(fifo(i), 1000, 1000) != 0)
			refused++;
	printf("%lu fifos have owners, %lu were refused\n", n - refused, refused);
	fflush(stdout);
	if (refused)
		wrong("a container may have more owners than these");
	close(make_file("/attacking"));
	for (unsigned long i = 0; i < CHANGERS; i++) {
		changers[i] = fork();
		if (changers[i] == 0)
			change(n, i * n / CHANGERS);
	}
	for (int i = 0; i < CHANGERS; i++)
		if (waitpid(changers[i], &status, 0) < 0 || status != 0)
			wrong("an attacker was refused its own");
	for (unsigned long i = 0; i < n; i += n / 100 + 1)
		if (sys_lstat(fifo(i)).uid != 1000)
			wrong("%s has another owner", fifo(i));
}

static void watch(void)
{
	unsigned long looks = 0, changes = 0, failed = 0, others = 0;
	uid_t owner[WATCHED];
	char name[32];

	for (uid_t i = 0; i < WATCHED; i++) {
		snprintf(name, sizeof(name), "/w%u", i);
		check((i % 2 ? mkfifo(name, 0644) : symlink("x", name)) == 0, name);
		owner[i] = i % 4 == 3 ? 0 : i;
		check(owner[i] == 0 || sys_lchown(name, i, i) == 0, "lchown");
	}
	close(make_file("/watching"));
	while (!is_to_stop()) {
		for (uid_t i = 0; i < WATCHED; i++) {
			struct shown shown;

			snprintf(name, sizeof(name), "/w%u", i);
			shown = sys_lstat(name);
			looks++;
			if (shown.r != 0)
				failed++;
			else if (shown.uid != owner[i])
				others++;
			if (owner[i] == 0 || looks % 17)
				continue;
			changes++;
			if (sys_lchown(name, owner[i] + WATCHED, 5) == 0)
				owner[i] += WATCHED;
			else
				failed++;
		}
	}
	printf("%lu looks, %lu of them at another's owner; %lu changes; %lu calls failed\n", looks, others, changes, failed);
	if (others || failed)
		wrong("a container's owners change the answers of another one");
	at_least("looks", looks, scaled(20000));
	at_least("changes", changes, scaled(1000));
}

int main(int argc, char **argv)
{
	check(argc == 3 || (argc == 2 && strcmp(argv[1], "watch") == 0), "crowd attack N | crowd watch");
	if (argc == 3)
		attack(strtoul(argv[2], NULL, 10));
	else
		watch();
	return verdict();
}
