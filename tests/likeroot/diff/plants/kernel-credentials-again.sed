# src/kernel/credentials.c
# run: -- threads
s/if (has_got(repeat, t->tid) \&\& repeat->id != t->id)/if (0)/
