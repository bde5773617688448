# src/handle/create.c
# run: -c make/plain -- device
s/^\(\tif (device && \)!cred_capable(&actor, CAP_MKNOD))$/\1actor.fsuid != 0)/
