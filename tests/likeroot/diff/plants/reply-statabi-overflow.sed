# src/reply/statabi.c
# run: -m 32 -c ids/ tmpfs
s/define OVERFLOW_ID 65534U/define OVERFLOW_ID 65535U/
