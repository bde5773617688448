# src/kernel/create.c
# run: -c dangling -- create
# a link that leads nowhere is left to the kernel
s/^	if (n > 0 && n < PATH_MAX && .*/	if (0) {/
