# src/rule/device.c
# run: -c make/plain/root -- device
s/(stx->stx_mode & PERMISSIONS) | device->type/(stx->stx_mode \& 0777) | device->type/
