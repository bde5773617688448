/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups of calls that a receiver may be built without: `make WITHOUT='acl device'`. Their rows of syscalls.def and their sources are left
 * out, and the kernel answers these calls. HAS_GROUP is for code outside of the group that uses it; groups without one are used by nobody else.
 */
#ifndef BASE_GROUPS_H
#define BASE_GROUPS_H

#ifdef WITHOUT_acl
#define HAS_ACL 0
#else
#define HAS_ACL 1
#endif

#ifdef WITHOUT_create
#define HAS_CREATE 0
#else
#define HAS_CREATE 1
#endif

#if defined(WITHOUT_device) || defined(WITHOUT_create)
#define HAS_DEVICE 0
#else
#define HAS_DEVICE 1
#endif

#endif
