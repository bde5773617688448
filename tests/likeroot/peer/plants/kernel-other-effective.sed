# src/kernel/other.c
# run: proc 64
s/c\.euid : OWNER_NONE/c.ruid : OWNER_NONE/
