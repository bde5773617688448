# src/handle/chmod.c
# run: mode 64
s/!S_ISLNK(stx->stx_mode) \&\& //
