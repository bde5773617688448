/* SPDX-License-Identifier: Apache-2.0 */
/* Which xattrs are ours: they are neither seen nor changed by a container. An object that has any of them has OWNER_XATTR too. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stdbool.h>

/* Owners, shared with umoci, the rootless-containers fork of PRoot and Apptainer; see proto/. */
#define OWNER_XATTR "user.rootlesscontainers"

/* The value of an xattr that the kernel refuses here is kept under its name behind this. */
#define KEPT_PREFIX "user.subuidless."

/* A placeholder's device, as containers/storage and fuse-overlayfs write and read it. */
#define DEVICE_XATTR "user.containers.override_stat"

bool names_is_ours(const char *name);

#endif
