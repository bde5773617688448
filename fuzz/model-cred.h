/* SPDX-License-Identifier: Apache-2.0 */
/* What whole calls do to credentials: which process has which, who is told what, and that a change is made once for all threads. */
#ifndef FUZZ_MODEL_CRED_H
#define FUZZ_MODEL_CRED_H

#include <stdbool.h>
#include <stdint.h>

#include "reference-decode.h"
#include "rule/cred.h"

struct answer {
	bool kernel;
	int error;
	int64_t value;
};

void model_cred_start(void);

/* Is it a call that shows or changes credentials? */
bool model_is_of_credentials(const struct expectation *e);

/* Those of the caller, and are they kept? */
struct cred model_actor(void);
bool model_has_kept(void);

/* The answer when nothing fails. nested: the caller's ids may be of another namespace. */
struct answer model_cred_predict(const struct expectation *e, bool nested);

/* An exec: what becomes of credentials then is known to test-cred and to the tests of set-id files. */
void model_cred_exec(void);

/* The answer that it got: is what was written right, and what is kept now? */
void model_cred_end(const struct expectation *e, const struct answer *got);

#endif
