# src/kernel/task.c
# run: -c task/nested/ tmpfs
s/return shares(t, "user") != 1;/return false;/
