# src/handle/xattr.c
# run: -c xattr/owned/ tmpfs
s/inode_deny(fd, true)/-EOPNOTSUPP/
