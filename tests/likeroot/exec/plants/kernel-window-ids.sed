# src/kernel/window.c
s/\*value = c->egid;/*value = c->rgid;/
