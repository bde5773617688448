/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's limits, so small that all that fits into them can be looked at. */
#ifndef TESTS_PROOF_SMALL_LIMITS_H
#define TESTS_PROOF_SMALL_LIMITS_H

#define PATH_MAX 8
#define NAME_MAX 6
#define XATTR_NAME_MAX 24
#define XATTR_SIZE_MAX 8
#define XATTR_LIST_MAX 8
#define NGROUPS_MAX 65536

#endif
