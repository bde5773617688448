# src/kernel/glance.c
# run: -- device
s/return S_ISREG(stx->stx_mode) && stx->stx_size == 0 &&/return false \&\&/
