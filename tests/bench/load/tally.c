/* Counts and latencies of one measured window. */
#define _GNU_SOURCE
#include "tally.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void add_span(struct spans *spans, uint64_t ns, uint64_t times) {
    if (!spans->counts && !(spans->counts = calloc(SPANS, sizeof *spans->counts))) abort();
    uint64_t us = ns / 1000;
    spans->counts[us < SPANS ? us : SPANS - 1] += (uint32_t)times;
    spans->total += times;
}

static double at_share(const struct spans *spans, double share) {
    uint64_t wanted = (uint64_t)(share * (double)(spans->total - 1)), seen = 0;
    for (int us = 0; us < SPANS; us++)
        if ((seen += spans->counts[us]) > wanted) return us / 1000.0;
    return SPANS / 1000.0;
}

void print_spans(FILE *out, const char *name, const struct spans *spans) {
    if (!spans->total) {
        fprintf(out, ",\"%s\":null", name);
        return;
    }
    fprintf(out, ",\"%s\":{\"count\":%lu,\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f}", name, spans->total,
            at_share(spans, 0.5), at_share(spans, 0.95), at_share(spans, 0.99), at_share(spans, 1));
}

double processor_seconds(int pid) {
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    struct timespec spent = {0};
    if (pid && clock_getcpuclockid(pid, &clock)) return 0;
    clock_gettime(clock, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}
