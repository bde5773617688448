/* SPDX-License-Identifier: Apache-2.0 */
/* How much anybody with the socket can make the broker log. */
#ifndef SERVE_RATE_H
#define SERVE_RATE_H

#include <stdbool.h>

/* May one more line be logged in this minute? */
bool rate_may_say(void);

/* Have so many children been started lately that this one must not log what its peer has done? */
bool rate_child_is_quiet(void);

#endif
