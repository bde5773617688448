# src/handle/chown.c
# run: -c no-chown/ tmpfs
s/if (r < 0 || !may_change(/if (0 \&\& !may_change(/
