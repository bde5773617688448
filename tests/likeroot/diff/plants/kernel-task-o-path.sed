# src/kernel/task.c
# run: -c open/fchown/103 tmpfs
s/return lstat(name, &st) == 0 && .*/return lstat(name, \&st) != 0;/
