# src/handle/chown.c
# run: -c sequence/ tmpfs
s/new = owner_merge(old, want, .*;/new = want;/
