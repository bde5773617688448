/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trouble.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

#define SPECIAL "owners of symlinks, fifos and sockets"

/* A container may fill a disk, and empty it, as often as it likes. */
#define SAID_AGAIN_S 60

static int error; /* 0 or -errno: a change has failed since the last one that succeeded */
static bool was_said;
static bool is_damaged;
static time_t last;

bool trouble_may_pass(int r)
{
	static const int passing[] = { EAGAIN, ENOSPC, EDQUOT, EFBIG, EIO, ETIMEDOUT, ESTALE, ENOMEM, EMFILE, ENFILE, EINTR };

	for (size_t i = 0; i < ARRAY_SIZE(passing); i++)
		if (r == -passing[i])
			return true;
	return false;
}

static const char *remedy(int r)
{
	switch (-r) {
	case ENOSPC:
		return "free some space there";
	case EDQUOT:
		return "remove some files of yours there: your quota is used up, see quota(1)";
	case EFBIG:
		return "see ulimit -f, or restart the daemon";
	case EROFS:
		return "mount that file system writable again; what made it read-only may be in dmesg(1)";
	case EAGAIN:
		return "another process keeps a lock on it: lslocks(8) shows which one, if it is on this machine";
	case ENOLCK:
	case ENOSYS:
	case EOPNOTSUPP:
		return "its file system has no locks now: NFS needs its lock service, see rpc.statd(8); or set XDG_STATE_HOME to a directory on a "
		       "local disk and restart the daemon";
	default:
		return "see dmesg(1) for its disk or server; or set XDG_STATE_HOME to a directory elsewhere and restart the daemon";
	}
}

void trouble_for_good(const char *directory, int r)
{
	static const char lost[] = SPECIAL " last as long as this process";

	if (!directory[0])
		log_warnx("%s: neither XDG_STATE_HOME nor HOME is set to an absolute path", lost);
	else if (r == -EPERM)
		log_warnx("%s: %s and its file records must be yours, and nobody else may be able to write them: see chmod(1)", lost, directory);
	else if (r == -EPROTONOSUPPORT)
		log_warnx("%s: %s/records is of another version of subuidless: use that one, or move the file away", lost, directory);
	else if (r == -EEXIST)
		log_warnx("%s: %s/records is no file of ours, and there are many of these: remove the files records.bad*", lost, directory);
	else
		log_warn(r, "%s: set XDG_STATE_HOME to a directory of yours%s, for %s/records cannot be used", lost,
			 r == -ENOLCK || r == -ENOSYS || r == -EOPNOTSUPP ? " on a local disk" : "", directory);
}

time_t trouble_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

static void is_over(const char *path)
{
	if (was_said)
		log_warnx(SPECIAL " can be changed again: %s", path);
	was_said = false;
	error = 0;
}

int trouble_after(const char *path, int r)
{
	if (r == 0) {
		is_over(path);
		return 0;
	}
	if (!error && (last == 0 || trouble_clock() - last >= SAID_AGAIN_S)) {
		log_warnx(SPECIAL " cannot be changed now: %s: %s: %s", path, r == -EAGAIN ? "locked" : strerror(-r), remedy(r));
		was_said = true;
		last = trouble_clock();
	}
	error = r == -EFBIG ? -ENOSPC : r == -ENOSPC || r == -EDQUOT || r == -EROFS ? r : -EIO;
	return error;
}

int trouble_errno(void)
{
	return error;
}

void trouble_damaged(const char *path, unsigned long n)
{
	if (n > 0 && !is_damaged)
		log_warnx("%lu damaged records of " SPECIAL " are lost: the owners before these count; see dmesg(1) if nobody has written to %s", n, path);
	is_damaged |= n > 0;
}

bool trouble_any(void)
{
	return error || is_damaged;
}
