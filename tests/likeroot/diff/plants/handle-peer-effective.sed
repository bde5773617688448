# src/handle/peer.c
# run: -- peer
s/peer->cred\.egid }/peer->cred.rgid }/
