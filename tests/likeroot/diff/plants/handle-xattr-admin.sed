# src/handle/xattr.c
# run: -- kept
s/!cred_capable(actor, CAP_SYS_ADMIN)/!cred_capable(actor, CAP_SETFCAP)/
