/* SPDX-License-Identifier: Apache-2.0 */
/* The xattr security.capability of a file: capabilities(7), linux/capability.h. */
#ifndef RULE_FILECAP_H
#define RULE_FILECAP_H

#include <stddef.h>

#include "rule/cred.h"

/* Bytes of the longest form. */
#define FILECAP_MAX 24

/* Is the value well-formed? setxattr(2) refuses any other one to everybody. */
bool filecap_is_value(const unsigned char *bytes, size_t n);

/* Puts the value, as getxattr(2) shows it in the container's user namespace, into file; not one that is malformed or for another namespace. */
void filecap_decode(const unsigned char *bytes, size_t n, struct cred_file *file);

#endif
