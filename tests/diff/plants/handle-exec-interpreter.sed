# src/handle/exec.c
# run: -- threads
s/INTERPRETERS_MAX 5/INTERPRETERS_MAX 1/
