# src/kernel/inode.c
# run: proc 64
s/^\t\t"cwd", "exe", /\t\t"cwd", /
