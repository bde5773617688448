# src/kernel/credentials.c
# run: -- threads
s/ && repeats_last(t, tgid, key, &answer)/ \&\& 0 \&\& repeats_last(t, tgid, key, \&answer)/
