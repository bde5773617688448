# src/handle/chown.c
# run: -- mode
s/if (kills \&\& /if (0 \&\& kills \&\& /
