# src/handle/chown.c
# run: -- mode
/^static void change/,/^}/ s/drops_sgid(&actor, shown, stx->stx_mode)/0/
