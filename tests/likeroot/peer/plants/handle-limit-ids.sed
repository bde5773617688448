# src/handle/limit.c
# run: limit 64
s/caller->ruid/caller->euid/g
