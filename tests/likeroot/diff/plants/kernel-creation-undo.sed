# src/kernel/create.c
# run: -c without -- create
# a file that cannot be handed over stays
s/^		creation_undo(c, fd);$/		;/
