/* SPDX-License-Identifier: Apache-2.0 */
/* What whole calls do to xattrs: which are kept for whom, who may change them, and what they read. */
#ifndef FUZZ_MODEL_XATTR_H
#define FUZZ_MODEL_XATTR_H

#include <stdbool.h>
#include <stdint.h>

#include "model-cred.h"
#include "reference-decode.h"

/* Forgets everything, and puts there what the disk has at first. odd_one: d, which has xattrs of ours, has some that nobody would have kept for a container. */
void model_xattr_start(bool odd_one);

/* The answer of such a call of an object when nothing fails. uid, gid: whose it is. */
struct answer model_xattr_predict(const struct expectation *e, int object, uint32_t uid, uint32_t gid);

/* Any call has been answered: is what was written right, and what is kept now? done: it was one of those above, and succeeded. */
void model_xattr_end(const struct expectation *e, bool done);

#endif
