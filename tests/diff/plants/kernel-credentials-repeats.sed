# src/kernel/credentials.c
# run: -- threads
s/if (r == 0 \&\& repeats_last(/if (0 \&\& repeats_last(/
