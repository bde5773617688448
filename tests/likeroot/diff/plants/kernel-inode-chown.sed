# src/kernel/inode.c
# run: -c mode/ tmpfs
s/if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)/if (0)/
