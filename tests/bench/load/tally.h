/* Counts and latencies of one measured window. */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>
#include <stdio.h>

#define SPANS 5000000 /* one a microsecond; what is longer counts as the last */

struct spans {
    uint32_t *counts;
    uint64_t total;
};

struct tally {
    uint64_t sent, acks, refused, deliveries, frames, bytes;
    struct spans ack, delivery;
};

uint64_t now_ns(void);
void add_span(struct spans *spans, uint64_t ns, uint64_t times);
void print_spans(FILE *out, const char *name, const struct spans *spans);
double processor_seconds(int pid); /* of all threads of a process; 0 is the caller */

#endif
