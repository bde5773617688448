# src/handle/xattr.c
# run: -c xattrs/owned/ tmpfs
s/req->size < n)/req->size + 1 < n)/
