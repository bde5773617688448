# src/handle/chmod.c
# run: mode 64
s/^\t\tmode &= .*/\t\tmode |= 0;/
