# src/kernel/enter.c
# run: -c no-dac-override/ tmpfs
s/drop(FILE_CAPABILITIES & ~effective)/drop(0)/
