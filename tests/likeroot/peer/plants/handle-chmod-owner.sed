# src/handle/chmod.c
# run: mode 64
s/actor->fsuid/actor->euid/
