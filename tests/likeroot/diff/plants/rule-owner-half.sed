# src/rule/owner.c
# run: -c sequence/ tmpfs
s/^\t\treturn record;/\t\treturn OWNER_NONE;/
