# src/handle/change.c
# run: -- ids:1:60
s/verdict_return(v, r)/verdict_return(v, 0)/
