# src/handle/chmod.c
# run: -- mode
s/if (!cred_in_group(actor, shown\.cgid) \&\& /if (/
