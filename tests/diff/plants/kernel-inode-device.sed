# src/kernel/inode.c
# run: -c change/plain -- device
/^static int xattr_set/,/^}/ s/ || getxattr(name, DEVICE_XATTR, NULL, 0) >= 0)/)/
