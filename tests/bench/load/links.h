/* The load's connections: opening them, their setup steps, reading, writing, staying alive. */
#ifndef LINKS_H
#define LINKS_H

#include "scenario.h"
#include "wire.h"

#include <stdint.h>

enum stage { NEW, UPGRADING, STEPPING, READY, CLOSED };

struct link {
    int fd;
    enum stage stage;
    int step;
    const struct client *client;
    char *left; /* the part of a frame that came so far */
    size_t left_length;
    char *out;
    size_t out_length, out_room;
    int dirty, waits_to_write;
    long seq, told_seq;
};

struct load {
    struct scenario scenario;
    struct link *links;
    int epoll, opened, ready, closed;
    struct link **dirty;
    int dirty_count;
    uint64_t bytes_read;
    void (*on_frame)(struct link *, const struct frame *, uint64_t now);
};

void connect_all(struct load *load);
void read_links(struct load *load, int64_t wait_ns);
void queue_saying(struct load *load, struct link *link, const struct template *template, const struct saying *saying);
void flush_all(struct load *load);
void note_seq(struct link *link, const struct frame *frame);
void tell_cursors_and_beats(struct load *load, uint64_t now);
void hold_until_input_ends(struct load *load);

#endif
