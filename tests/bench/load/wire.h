/* Frames in and out: WebSocket as a client speaks it, and the NATS line protocol. */
#ifndef WIRE_H
#define WIRE_H

#include "scenario.h"

#include <stdint.h>

enum frame_kind { TEXT_FRAME, PING_FRAME, CLOSE_FRAME, OTHER_FRAME };

struct frame {
    enum frame_kind kind;
    const char *head; /* where an acknowledgement carries its reference */
    size_t head_length;
    const char *body;
    size_t body_length;
};

/* Takes one frame off the front of `in`; answers the bytes used, 0 while it is not whole. */
size_t next_frame(enum framing framing, const char *in, size_t length, struct frame *frame);

/* Writes the header a client's frame of `length` bytes needs; answers its size (at most 14). */
size_t client_header(enum framing framing, char *out, size_t length, int pong);

struct saying {
    uint64_t ref; /* 15 digits */
    const char *uuid, *room, *device, *text;
    long seq;
    uint64_t stamp; /* ns; marks the text, so that every delivery is counted and timed */
};

/* Renders a template to `out`, answers the length. The text gets ` ~` and its stamp in 16 hex digits. */
size_t render(const struct template *template, const struct saying *saying, char *out);

void write_uuid7(char out[48]);

#endif
