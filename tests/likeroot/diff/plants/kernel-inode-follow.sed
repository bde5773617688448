# src/kernel/inode.c
# run: tmpfs
s/return xattr_at(start, path, AT_SYMLINK_NOFOLLOW, /return xattr_at(start, path, 0, /
