# src/kernel/procfs.c
# run: proc 64
s/fcntl(fd, F_DUPFD_CLOEXEC, 0) : open_parent(fd, stx)/fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1/
