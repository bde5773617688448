# src/kernel/resolve.c
# run: -c jail/ tmpfs
s/&way, t->roots_differ)/\&way, false)/
