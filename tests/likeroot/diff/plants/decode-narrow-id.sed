# src/decode/decode.c
# run: -m 32 -c ids/ tmpfs
s/return (uint16_t)value == UINT16_MAX ? UINT32_MAX : /return /
