# src/handle/capability.c
# run: -- ids:1:100
s/cred_capset(c, req->caps\[0\], req->caps\[1\], req->caps\[2\])/cred_capset(c, req->caps[0], req->caps[1], c->inheritable)/
