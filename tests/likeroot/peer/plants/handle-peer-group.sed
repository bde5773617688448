# src/handle/peer.c
# run: socket 64
s/peer->cred\.egid/peer->cred.euid/
