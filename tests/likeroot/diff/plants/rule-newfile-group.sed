# src/rule/newfile.c
# run: -c sgid -- create
# the group is the maker's in every directory
s/directory_mode & S_ISGID ? directory/directory_mode == 1 ? directory/
