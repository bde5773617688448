# src/handle/exec.c
s/^	struct cred_file file = { 0 };$/	struct cred_file file = { .set_uid = true, .uid = 2000 };/
