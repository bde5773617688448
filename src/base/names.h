/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of xattrs, xattr(7). Containers neither see nor change those of subuidless. An object that has any of them has OWNER_XATTR too, so that
 * one getxattr(2) tells that it has none.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stdbool.h>

/* Owners, shared with umoci, the rootless-containers fork of PRoot and Apptainer; see proto/. */
#define OWNER_XATTR "user.rootlesscontainers"

/* The value of an xattr that the kernel refuses here is stored under its name behind this. */
#define HIDDEN_PREFIX "user.subuidless."

/* A placeholder's device, as containers/storage and fuse-overlayfs write and read it. */
#define DEVICE_XATTR "user.containers.override_stat"

/* POSIX ACLs, acl(5) */
#define ACCESS_ACL_XATTR "system.posix_acl_access"
#define DEFAULT_ACL_XATTR "system.posix_acl_default"

enum names_kind {
	NAMES_OTHER,      /* the kernel treats it here as it does for a root of its own */
	NAMES_OURS,
	NAMES_TRUSTED,
	NAMES_CAPABILITY, /* of a file: the kernel has them here too, capabilities(7) */
	NAMES_SECURITY,   /* any other of security.* */
	NAMES_ACCESS_ACL,
	NAMES_DEFAULT_ACL,
};

enum names_kind names_kind(const char *name);
bool names_is_ours(const char *name);

#endif
