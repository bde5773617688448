/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: modes, ids and capabilities, then a path. The reference takes a path apart as basename(3) and dirname(3) would, from its front,
 * and has the rules of inode(7) for directories with S_ISGID.
 */
#include "fuzz.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rule/newfile.h"

#define HEADER 12

/* Where the last component begins and ends. */
static void last(const char *path, size_t *from, size_t *to)
{
	bool within = false;

	*from = *to = 0;
	for (size_t i = 0; path[i]; i++) {
		if (path[i] != '/' && !within)
			*from = i;
		within = path[i] != '/';
		if (within)
			*to = i + 1;
	}
}

static void check_split(const char *path)
{
	struct newfile_path *split = malloc(sizeof(*split));
	size_t from, to, n;
	bool r;

	memset(split, 0x5a, sizeof(*split));
	r = newfile_split(path, split);
	last(path, &from, &to);
	n = to - from;
	CHECK(r == (n > 0 && !(n == 1 && path[from] == '.') && !(n == 2 && path[from] == '.' && path[from + 1] == '.')));
	CHECK(split->slash == (path[to] == '/'));
	CHECK(strlen(split->directory) == from && memcmp(split->directory, path, from) == 0);
	/* one that the kernel does not take stays so */
	CHECK(n <= NAME_MAX ? strlen(split->name) == n : strlen(split->name) > NAME_MAX && strlen(split->name) <= n);
	CHECK(memcmp(split->name, path + from, strlen(split->name)) == 0);
	free(split);
}

static void check_rules(const uint8_t *h)
{
	struct cred actor = { .fsuid = h[0], .fsgid = h[1], .n_groups = h[2] % 3, .groups = { h[3], h[4] } };
	struct owner directory = { h[5], h[6] }, got;
	uint32_t at = S_IFDIR | (uint32_t)(h[7] | h[8] << 8) % 010000, mode = (uint32_t)(h[9] | h[10] << 8), want = mode;
	bool member = h[6] == h[1] || (actor.n_groups > 0 && h[3] == h[6]) || (actor.n_groups > 1 && h[4] == h[6]);

	actor.effective = h[11] & 1 ? UINT64_C(1) << CAP_FSETID : h[11] & 2 ? ~(UINT64_C(1) << CAP_FSETID) : 0;
	got = newfile_owner(&actor, directory, at);
	CHECK(got.cuid == h[0] && got.cgid == (at & 02000 ? h[6] : h[1]));
	if ((at & 02000) && (mode & 02010) == 02010 && !member && !(h[11] & 1))
		want = mode - 02000;
	CHECK(newfile_mode(&actor, directory, at, mode) == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[PATH_MAX];
	size_t n;

	if (size < HEADER)
		return 0;
	check_rules(data);
	n = size - HEADER < sizeof(path) ? size - HEADER : sizeof(path) - 1;
	memcpy(path, data + HEADER, n);
	path[n] = '\0';
	check_split(path);
	return 0;
}
