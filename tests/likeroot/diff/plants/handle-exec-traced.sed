# src/handle/exec.c
# run: -- family
s/file->observed = true/file->observed = false/
