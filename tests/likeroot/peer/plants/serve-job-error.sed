# src/serve/job.c
# run: socket 64
s/if (v->kernel || v->length == 0)/if (v->kernel || v->error || v->length == 0)/
