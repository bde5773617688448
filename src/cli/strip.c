/* SPDX-License-Identifier: Apache-2.0 */
/* Removes what we have recorded from a tree of files, as their owner. Races with others who change the tree do no harm: what is changed is held by a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <getopt.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/userns.h"
#include "cli/cli.h"
#include "cli/single.h"
#include "object/identity.h"
#include "object/object.h"
#include "object/strip.h"
#include "store/journal.h"
#include "store/xattr_files.h"

static const char help[] =
	"usage: subuidless strip [--gone] [--dry-run] [--all-file-systems] DIR...\n"
	"\n"
	"Removes the recorded owners, devices and xattrs of all files in each DIR, which belong to you in containers too from then on.\n"
	"\n"
	"  --gone               remove nothing of them, but records of symlinks, fifos and sockets that are no longer there: of the file\n"
	"                       systems of all DIR, those of objects that are in none of them; when no container is running there\n"
	"  --dry-run            only print how many there are\n"
	"  --all-file-systems   go into what is mounted below DIR too\n"
	"  -h, --help\n";

struct strip {
	bool dry_run, everywhere, gone;
	unsigned long changed, failed;
	dev_t device; /* of the argument in hand */
	void *linked; /* a dry run counts objects with several names once */
	struct records *met; /* --gone: records whose objects are there, */
	uint64_t *systems;   /* and the file systems that were met */
	size_t n_systems;
};

struct inode {
	dev_t device;
	ino_t number;
};

static int compare(const void *left, const void *right)
{
	const struct inode *a = left, *b = right;

	return a->device != b->device ? (a->device < b->device ? -1 : 1) : (a->number > b->number) - (a->number < b->number);
}

/* Was it seen before? */
static bool is_known(struct strip *s, const struct stat *st)
{
	struct inode *inode, **found;

	if (!s->dry_run || st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return false;
	inode = malloc(sizeof(*inode));
	if (!inode)
		return false;
	*inode = (struct inode){ st->st_dev, st->st_ino };
	found = tsearch(inode, &s->linked, compare);
	if (found && *found == inode)
		return false;
	free(inode);
	return found != NULL;
}

static void fail(struct strip *s, const char *path, int r)
{
	s->failed++;
	log_errno(LOG_LEVEL_ERROR, r, "%s", path);
}

static struct records *table;

static int take(const struct record *record)
{
	return records_replay(table, record);
}

static int read_records(void)
{
	if (table)
		return 0;
	table = calloc(1, sizeof(*table));
	if (!table)
		return -ENOMEM;
	journal_open(table, take, -1);
	return 0;
}

static int remove_record(const struct record *record)
{
	struct record none = *record;
	int r;

	none.owner = (struct owner){ OWNER_NONE, OWNER_NONE };
	r = journal_append(&none);
	if (r == 0 && record->flags & RECORD_XATTRS)
		xattr_files_remove(&record->key);
	if (r == 0)
		r = records_set(table, &none);
	return r < -1 ? r : 0;
}

/* The record of an object that can have no xattr. 1: there was one; 0; -errno. */
static int forget(int fd, bool remove)
{
	struct record record;
	struct statx stx;
	int r = object_stat(fd, &stx);

	if (r == 0)
		r = read_records();
	if (r < 0)
		return r;
	record = identity_of(fd, &stx);
	r = records_find(table, &record.key, &record);
	if (r > 0 && remove) {
		int error = remove_record(&record);

		r = error < 0 ? error : r;
	}
	return r;
}

static bool is_met(const struct strip *s, uint64_t system)
{
	for (size_t i = s->n_systems; i > 0; i--)
		if (s->systems[i - 1] == system)
			return true;
	return false;
}

/* The object is there, and its file system is one of which that is to be known. */
static int meet(struct strip *s, int fd)
{
	struct record record;
	uint64_t *systems;
	struct statx stx;
	int r = object_stat(fd, &stx);

	if (r < 0)
		return r;
	record = identity_of(fd, &stx);
	if (!is_met(s, record.key.fs)) {
		systems = realloc(s->systems, (s->n_systems + 1) * sizeof(*systems));
		if (!systems)
			return -ENOMEM;
		s->systems = systems;
		systems[s->n_systems++] = record.key.fs;
	}
	if (records_find(table, &record.key, &record) != 1)
		return 0;
	r = records_set(s->met, &record);
	return r < -1 ? r : 0;
}

/* After a walk that has met all. */
static void forget_gone(struct strip *s)
{
	for (uint32_t i = 0; i < records_slots(table); i++) {
		struct record record = table->slots[i], found;
		int r;

		if (record.key.ino == 0 || !is_met(s, record.key.fs) || records_find(s->met, &record.key, &found) != 0)
			continue;
		r = s->dry_run ? 0 : remove_record(&record);
		if (r < 0)
			fail(s, "a record", r);
		else
			s->changed++;
	}
}

static void visit(struct strip *s, const FTSENT *entry)
{
	auto_fd fd = open(entry->fts_accpath, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || fstat(fd, &st) < 0) {
		fail(s, entry->fts_path, -errno);
		return;
	}
	/* what was put in its place meanwhile was not asked for */
	if (st.st_dev != entry->fts_statp->st_dev || st.st_ino != entry->fts_statp->st_ino) {
		fail(s, entry->fts_path, -ESTALE);
		return;
	}
	if (entry->fts_level == FTS_ROOTLEVEL)
		s->device = st.st_dev;
	if (!s->everywhere && st.st_dev != s->device)
		return;
	r = s->gone ? meet(s, fd) : S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? strip_object(fd, !s->dry_run) : forget(fd, !s->dry_run);
	if (r < 0)
		fail(s, entry->fts_path, r);
	else if (r > 0 && !is_known(s, &st))
		s->changed++;
}

static int walk(struct strip *s, char **trees)
{
	FTS *fts = fts_open(trees, FTS_PHYSICAL | (s->everywhere ? 0 : FTS_XDEV), NULL);
	FTSENT *entry;

	if (!fts)
		return -errno;
	while (errno = 0, (entry = fts_read(fts)) != NULL) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS)
			fail(s, entry->fts_path, -entry->fts_errno);
		else if (entry->fts_info != FTS_DP)
			visit(s, entry);
	}
	if (errno)
		fail(s, "the walk has stopped", -errno);
	fts_close(fts);
	return 0;
}

static int strip(struct strip *s, char **trees)
{
	const char *what = s->gone ? "records" : "objects";
	int r = s->gone ? read_records() : 0;

	s->met = s->gone ? calloc(1, sizeof(*s->met)) : NULL;
	if (r == 0 && s->gone && !s->met)
		r = -ENOMEM;
	if (r == 0)
		r = walk(s, trees);
	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "cannot begin");
		return EXIT_FAILURE;
	}
	if (s->gone && s->failed) {
		log_warnx("nothing is forgotten, for what could not be seen may be there");
		return EXIT_FAILURE;
	}
	if (s->gone)
		forget_gone(s);
	if (printf("%s %s: %lu\n", what, !s->dry_run ? s->gone ? "forgotten" : "changed" : s->gone ? "to forget" : "to change", s->changed) < 0 ||
	    fflush(stdout) != 0)
		return EXIT_FAILURE;
	return s->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_strip(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "all-file-systems", no_argument, NULL, 'a' },
		{ "gone", no_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct strip s = { 0 };
	int c, r;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'n')
			s.dry_run = true;
		else if (c == 'a')
			s.everywhere = true;
		else if (c == 'g')
			s.gone = true;
		else if (c == 'h')
			return cli_print(help);
		else
			return cli_usage("strip");
	}
	if (optind == argc) {
		fprintf(stderr, "subuidless: strip needs a directory\n");
		return cli_usage("strip");
	}
	/* modes that forbid their own owner something do not hinder the root of a user namespace; without one they are reported */
	r = geteuid() == 0 ? 0 : single_unshare(0);
	if (r < 0) {
		log_warn(r, "cannot make a user namespace: files that you may not write stay as they are");
		userns_explain(LOG_LEVEL_WARNING, r);
	}
	return strip(&s, argv + optind);
}
