# src/decode/decode.c
# run: socket 32
s/req->t_length = args\[4\]/req->t_length = args[3]/
