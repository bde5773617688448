/* SPDX-License-Identifier: Apache-2.0 */
/* The xattr security.capability of a file: capabilities(7), linux/capability.h. */
#ifndef RULE_FILECAP_H
#define RULE_FILECAP_H

#include <stddef.h>

#include "rule/cred.h"

/* Bytes of the longest form. */
#define FILECAP_MAX 24

/* Is it one that setxattr(2) does not refuse to everybody? */
bool filecap_is_value(const unsigned char *bytes, size_t n);

/* The value as it reads in the file's user namespace. One that the kernel would not take for itself changes nothing. */
void filecap_decode(const unsigned char *bytes, size_t n, struct cred_file *file);

#endif
