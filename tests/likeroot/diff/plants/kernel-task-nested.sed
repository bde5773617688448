# src/kernel/task.c
# run: -c task/nested/ tmpfs
s/return t->userns_differ && shares(t, "user") != 1;/return false;/
