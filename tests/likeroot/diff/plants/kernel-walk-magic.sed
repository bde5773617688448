# src/kernel/walk.c
# run: -c path/chown/thread-fd tmpfs
s/^\treturn is_magic(w) ? follow_magic(w) : /\treturn is_magic(w) ? WALK_FOREIGN : /
