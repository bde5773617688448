/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on whole calls: who owns what after the ones that were answered, and what each must be answered. */
#ifndef FUZZ_MODEL_WORKER_H
#define FUZZ_MODEL_WORKER_H

#include <stdbool.h>
#include <stdint.h>

/* Forgets everything; a bit each: what the disk has at first. */
void model_start(uint8_t presets, bool roots, bool userns);

/* May some task have another root than the container, or another user namespace? */
bool model_roots_differ(void);
bool model_userns_differ(void);

/* And may some be confined by itself? */
bool model_is_confined(void);

/* fake has a call: what is it, before it is served? */
void model_begin(void);

/* And now that it has been served: is everything as it must be? */
void model_end(void);

#endif
