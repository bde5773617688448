# src/kernel/resolve.c
# run: -c path/fchownat/empty tmpfs
s/== '\\0' && !req->empty_path)/== '\\0' \&\& 0)/
