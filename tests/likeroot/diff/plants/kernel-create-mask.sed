# src/kernel/create.c
# run: -c user -- create
# the umask is the worker's
/c->type != S_IFLNK) {/,/}/ s/r = take_umask(c);/;/
