# src/handle/acl.c
# run: -- kept
s/!cred_in_group(actor, group) && //
