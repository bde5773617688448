/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/rate.h"

#include <time.h>

#include "base/log.h"

/* lines a minute, and children a minute that may log a line each */
#define LINES_PER_MINUTE 20
#define CHILDREN_PER_MINUTE 60

static struct {
	time_t began;
	unsigned int lines, children;
} minute;

static void begin_minute(void)
{
	time_t now = time(NULL) / 60;

	if (now == minute.began)
		return;
	minute.began = now;
	minute.lines = minute.children = 0;
}

bool rate_may_say(void)
{
	begin_minute();
	if (++minute.lines == LINES_PER_MINUTE)
		log_warnx("further messages of this kind are suppressed for a minute");
	return minute.lines < LINES_PER_MINUTE;
}

bool rate_child_is_quiet(void)
{
	begin_minute();
	return ++minute.children > CHILDREN_PER_MINUTE;
}
