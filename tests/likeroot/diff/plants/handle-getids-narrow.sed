# src/handle/getids.c
# run: -m 32 -- ids:3:100
s/ && id > UINT16_MAX ? OVERFLOW_ID : id/ ? id : id/
