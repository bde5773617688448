# src/handle/hint.c
# run: -c jail/inside/ tmpfs
s/t->roots_differ = true/(void)t/
