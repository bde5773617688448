# src/handle/xattr.c
# run: -c xattrs/owned/ tmpfs
s/req->size < (size_t)n/req->size + 1 < (size_t)n/
