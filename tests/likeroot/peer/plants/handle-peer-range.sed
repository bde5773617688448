# src/handle/peer.c
# run: socket 64
s/(size_t)length < size/(size_t)length <= size/
