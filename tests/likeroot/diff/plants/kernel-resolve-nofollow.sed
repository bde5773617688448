# src/kernel/resolve.c
# run: -c path/lchown/ln tmpfs
s/way->follow ? 0 : O_NOFOLLOW/0/
