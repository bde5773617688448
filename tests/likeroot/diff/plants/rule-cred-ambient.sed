# src/rule/cred.c
# run: -- family
s/if (file->has_capabilities || changed)/if (file->has_capabilities)/
