# src/rule/filecap.c
s/file->effective = .*/file->effective = false;/
