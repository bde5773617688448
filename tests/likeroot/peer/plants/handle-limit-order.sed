# src/handle/limit.c
# run: limit 64
s/r == -EPERM ? WHY_not_permitted : WHY_bad_argument, r/WHY_bad_argument, -EINVAL/
