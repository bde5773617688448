# src/kernel/resolve.c
# run: -c jail/ tmpfs
s/(follow || strchr(path, '\/') || strcmp(path, "..") == 0)/follow/
