/* Frames in and out. Client frames carry a zero mask: legal on the wire, and nothing to compute. */
#define _GNU_SOURCE
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t next_websocket(const unsigned char *in, size_t length, struct frame *frame) {
    if (length < 2) return 0;
    size_t header = 2, body = in[1] & 0x7f;
    if (body == 126) {
        if (length < 4) return 0;
        header = 4, body = (size_t)in[2] << 8 | in[3];
    } else if (body == 127) {
        if (length < 10) return 0;
        header = 10, body = 0;
        for (int i = 2; i < 10; i++) body = body << 8 | in[i];
    }
    if (length < header + body) return 0;
    int opcode = in[0] & 0x0f;
    frame->kind = opcode <= 2 ? TEXT_FRAME : opcode == 9 ? PING_FRAME : opcode == 8 ? CLOSE_FRAME : OTHER_FRAME;
    frame->body = frame->head = (const char *)in + header;
    frame->body_length = body;
    frame->head_length = body < 96 ? body : 96;
    return header + body;
}

static size_t next_nats(const char *in, size_t length, struct frame *frame) {
    const char *end = memchr(in, '\n', length);
    if (!end) return 0;
    size_t line = (size_t)(end - in) + 1;
    *frame = (struct frame){OTHER_FRAME, in, line, in, 0};
    if (length >= 4 && !memcmp(in, "PING", 4)) frame->kind = PING_FRAME;
    if (length < 4 || memcmp(in, "MSG ", 4)) {
        frame->body_length = line;
        if (frame->kind == OTHER_FRAME) frame->kind = TEXT_FRAME;
        return line;
    }
    const char *size = end;
    while (size[-1] != ' ') size--;
    size_t body = strtoul(size, NULL, 10);
    if (length < line + body + 2) return 0;
    frame->kind = TEXT_FRAME;
    if (memcmp(in + 4, "_INBOX", 6)) frame->head_length = 0; /* a delivery names the publisher's inbox too */
    frame->body = in + line;
    frame->body_length = body;
    return line + body + 2;
}

size_t next_frame(enum framing framing, const char *in, size_t length, struct frame *frame) {
    return framing == NATS ? next_nats(in, length, frame) : next_websocket((const unsigned char *)in, length, frame);
}

size_t client_header(enum framing framing, char *out, size_t length, int pong) {
    if (framing == NATS) return 0;
    size_t at = 0;
    out[at++] = (char)(pong ? 0x8a : 0x81);
    if (length < 126) {
        out[at++] = (char)(0x80 | length);
    } else {
        out[at++] = (char)(0x80 | 126);
        out[at++] = (char)(length >> 8);
        out[at++] = (char)length;
    }
    memset(out + at, 0, 4);
    return at + 4;
}

static char *put(char *out, const char *text, size_t length) {
    memcpy(out, text, length);
    return out + length;
}

size_t render(const struct template *template, const struct saying *saying, char *out) {
    char *at = out;
    for (int i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];
        switch (part->token) {
        case LITERAL: at = put(at, part->literal, part->length); break;
        case REF: at += sprintf(at, "%015lu", saying->ref); break;
        case UUID: at = put(at, saying->uuid, 36); break;
        case ROOM: at = put(at, saying->room, strlen(saying->room)); break;
        case DEVICE: at = put(at, saying->device, strlen(saying->device)); break;
        case TEXT: at += sprintf(at, "%s ~%016lx", saying->text, saying->stamp); break;
        case LENGTH: at += sprintf(at, "%zu", strlen(saying->text) + 18); break;
        case SEQ: at += sprintf(at, "%ld", saying->seq); break;
        }
    }
    return (size_t)(at - out);
}

static uint64_t random_bits(void) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

void write_uuid7(char out[48]) {
    static uint64_t counter; /* keeps ids of one millisecond in order, as a client's own generator would */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, tail = random_bits();
    counter++;
    sprintf(out, "%08lx-%04lx-7%03lx-%04lx-%012lx", ms >> 16, ms & 0xffff, counter >> 14 & 0xfff,
            0x8000 | (counter & 0x3fff), tail & 0xffffffffffff);
}
