# src/rule/cred.c
# run: -- ids:1:100
s/(e != CRED_KEEP \&\& e != old\.r)/(e != CRED_KEEP \&\& e != old.e)/
