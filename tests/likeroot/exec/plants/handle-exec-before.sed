# src/handle/exec.c
s/r = window_open(t);/r = -EPERM;/
