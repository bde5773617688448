# src/handle/stat.c
# run: -c stat/owned/ tmpfs
s/stx->stx_gid = shown.cgid;/stx->stx_gid = shown.cuid;/
