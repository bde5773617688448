# src/kernel/nodes.c
# run: -c open/plain/root -- device
s/ || device->minor != nodes\[i\].minor || / || /
