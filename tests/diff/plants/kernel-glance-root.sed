# src/kernel/glance.c
# run: -c jail/ tmpfs
s/return !strchr(path, '\/') && /return path[0] != '\/' \&\& /
