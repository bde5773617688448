# src/kernel/create.c
# run: -c user -- create
# the umask is the worker's
s/^	if (r == 0 && c->type != S_IFLNK)$/	if (0)/
