# src/kernel/enter.c
# run: -c jail/inside/ disk
s/ && theirs\.stx_ino == ours\.stx_ino &&$/ \&\&/
