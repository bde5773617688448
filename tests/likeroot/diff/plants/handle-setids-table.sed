# src/handle/setids.c
# run: -- ids:1:60
s/\[CALL_setregid\] = CRED_SETREGID/[CALL_setregid] = CRED_SETREUID/
