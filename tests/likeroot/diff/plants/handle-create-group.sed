# src/handle/create.c
# run: -c fsgid -- create
# only the user id is looked at
s/(actor.fsuid == 0 && actor.fsgid == 0)/actor.fsuid == 0/
