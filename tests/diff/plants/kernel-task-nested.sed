# src/kernel/task.c
# run: -c task/nested/ tmpfs
s/return !shares(t, "user");/return false;/
