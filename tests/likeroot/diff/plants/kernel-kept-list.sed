# src/kernel/kept.c
# run: -- kept+admin
s/name += PREFIX;/name += PREFIX - 1;/
