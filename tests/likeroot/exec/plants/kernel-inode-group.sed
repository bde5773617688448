# src/kernel/inode.c
s/ \&\& stx->stx_mode \& S_IXGRP;/;/
