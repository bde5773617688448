# src/handle/peer.c
# run: socket 64
s/(int)req->length < 0/0/
