/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the daemon's that keep the xattrs of objects which can keep none themselves, beside the file of the owner store: one an object, called
 * after its key, with the xattrs that any other object would have: object/hidden_xattr.h. Its record has RECORD_XATTRS.
 */
#ifndef STORE_XATTR_FILES_H
#define STORE_XATTR_FILES_H

#include "ipc/message.h"
#include "store/account.h"

/* Removes those without a record, once the records are known. */
void xattr_files_open(void);

/*
 * An O_PATH descriptor of that of an object. -ENODATA: it has none. With an owner, one that it has if none is recorded yet, it is made: -ENOSPC; -EPERM: where
 * none can be; another -errno.
 */
int xattr_files_find(struct account *account, const struct watched_record *of) MUST_CHECK;

/* The object is gone. */
void xattr_files_remove(const struct record_key *key);

#endif
