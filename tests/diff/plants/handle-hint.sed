# src/handle/hint.c
# run: -c jail/inside/ tmpfs
s/^\t\ttask_mark_roots(t);/\t\t(void)t;/
