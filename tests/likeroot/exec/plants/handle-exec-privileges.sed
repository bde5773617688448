# src/handle/exec.c
s/file->no_new_privs = .*/file->no_new_privs = false;/
