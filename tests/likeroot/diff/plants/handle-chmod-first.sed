# src/handle/chmod.c
# run: -e -- mode
s/if (!credentials_kept(t, &actor) && (!resolve_probe(.*$/if (!credentials_kept(t, \&actor))/
