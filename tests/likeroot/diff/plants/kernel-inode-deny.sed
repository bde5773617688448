# src/kernel/inode.c
# run: -c xattrset/ tmpfs
s/^\tif (!read && fstat/\tif (0 \&\& fstat/
