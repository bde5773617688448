# src/reply/statabi.c
# run: -c stat/owned/ tmpfs
s/stx_mtime.tv_nsec;/stx_ctime.tv_nsec;/
