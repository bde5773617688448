# src/kernel/special.c
# run: -c sequence/ tmpfs
s/return records_find(shared, key, owner);/return 0;/
