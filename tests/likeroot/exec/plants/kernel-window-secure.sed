# src/kernel/window.c
s/\*value = 1;/*value = 0;/
