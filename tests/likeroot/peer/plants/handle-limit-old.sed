# src/handle/limit.c
# run: limit 32
s,? OLD_INFINITY,? UINT32_MAX,
