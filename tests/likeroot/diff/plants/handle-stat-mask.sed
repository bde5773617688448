# src/handle/stat.c
# run: -c statmask/ tmpfs
s/STATX ? req->mask :/STATX ? STATX_ALL :/
