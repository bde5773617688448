# src/kernel/create.c
# run: -- create
s/c->inherited.n > 0 \&\& !creation_binds(c->req) ? 0 : //
