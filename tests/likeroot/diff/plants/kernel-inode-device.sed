# src/kernel/inode.c
# run: -c change/plain -- device
/^static int xattr_set/,/^}/ s/ || has_more(name))/)/
