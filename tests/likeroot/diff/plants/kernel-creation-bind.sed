# src/kernel/creation.c
# run: -c bind -- create
# a socket is bound to its name in the directory
s/^	const char \*text = .*/	const char *text = c->path.name;/
