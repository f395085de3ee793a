/* The load's connections. What one wake-up produces for a socket leaves it in one write. */
#define _GNU_SOURCE
#include "links.h"
#include "tally.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_ONCE 64 /* connections being set up at a time */
#define SCRATCH (32 << 20)
#define READ_AT_ONCE (1 << 20)

static char scratch[SCRATCH];

static void give_up(const char *why, const char *detail, size_t length) {
    fprintf(stderr, "load: %s: %.*s\n", why, (int)(length < 500 ? length : 500), detail);
    exit(1);
}

static void watch(struct load *load, struct link *link, int action, int writing) {
    struct epoll_event event = {EPOLLIN | (writing ? EPOLLOUT : 0), {.ptr = link}};
    epoll_ctl(load->epoll, action, link->fd, &event);
    link->waits_to_write = writing;
}

static void queue_bytes(struct load *load, struct link *link, const char *data, size_t length) {
    if (link->out_length + length > link->out_room) {
        link->out_room = (link->out_length + length) * 2;
        if (!(link->out = realloc(link->out, link->out_room))) abort();
    }
    memcpy(link->out + link->out_length, data, length);
    link->out_length += length;
    if (!link->dirty) load->dirty[load->dirty_count++] = link, link->dirty = 1;
}

static void queue_frame(struct load *load, struct link *link, const char *data, size_t length, int pong) {
    char header[14];
    queue_bytes(load, link, header, client_header(load->scenario.framing, header, length, pong));
    queue_bytes(load, link, data, length);
}

void queue_saying(struct load *load, struct link *link, const struct template *template, const struct saying *saying) {
    static char rendered[1 << 16];
    queue_frame(load, link, rendered, render(template, saying, rendered), 0);
}

static void lose(struct load *load, struct link *link) {
    if (link->stage != READY) give_up("closed while being set up", "", 0);
    link->stage = CLOSED;
    load->closed++, load->ready--;
    close(link->fd);
}

static void flush_link(struct load *load, struct link *link) {
    if (link->stage == CLOSED || !link->out_length) return;
    ssize_t written = send(link->fd, link->out, link->out_length, MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN) { lose(load, link); return; }
    if (written > 0) {
        link->out_length -= (size_t)written;
        memmove(link->out, link->out + written, link->out_length);
    }
    int waits = link->out_length > 0;
    if (waits != link->waits_to_write) watch(load, link, EPOLL_CTL_MOD, waits);
    if (!waits && link->out_room) free(link->out), link->out = NULL, link->out_room = 0;
}

void flush_all(struct load *load) {
    for (int i = 0; i < load->dirty_count; i++) {
        load->dirty[i]->dirty = 0;
        flush_link(load, load->dirty[i]);
    }
    load->dirty_count = 0;
}

static void next_step(struct load *load, struct link *link) {
    if (link->step == link->client->step_count) {
        link->stage = READY;
        load->ready++;
        return;
    }
    const char *frame = link->client->steps[link->step].frame;
    queue_frame(load, link, frame, strlen(frame), 0);
}

static void open_link(struct load *load, struct link *link) {
    struct sockaddr_in address = {AF_INET, htons((uint16_t)load->scenario.port), {htonl(INADDR_LOOPBACK)}, {0}};
    int on = 1;
    link->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (link->fd < 0 || connect(link->fd, (struct sockaddr *)&address, sizeof address))
        give_up("cannot connect", strerror(errno), 200);
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(link->fd, F_SETFL, O_NONBLOCK);
    watch(load, link, EPOLL_CTL_ADD, 0);
    if (load->scenario.framing == NATS) {
        link->stage = STEPPING;
        next_step(load, link);
        return;
    }
    char request[1024];
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        load->scenario.path, load->scenario.port);
    link->stage = UPGRADING;
    queue_bytes(load, link, request, (size_t)length);
}

static void on_setup_frame(struct load *load, struct link *link, const struct frame *frame) {
    if (memmem(frame->body, frame->body_length, link->client->steps[link->step].expect,
               strlen(link->client->steps[link->step].expect))) {
        link->step++;
        next_step(load, link);
    } else if (memmem(frame->body, frame->body_length, "error", 5) || memmem(frame->body, frame->body_length, "-ERR", 4)) {
        give_up("refused while being set up", frame->body, frame->body_length);
    }
}

static void answer_ping(struct load *load, struct link *link, const struct frame *frame) {
    if (load->scenario.framing == NATS) queue_frame(load, link, "PONG\r\n", 6, 0);
    else queue_frame(load, link, frame->body, frame->body_length, 1);
}

static size_t upgrade_taken(struct link *link, const char *in, size_t length) {
    const char *end = memmem(in, length, "\r\n\r\n", 4);
    if (!end) return 0;
    if (length < 12 || memcmp(in + 9, "101", 3)) give_up("no WebSocket", in, length);
    link->stage = STEPPING;
    return (size_t)(end - in) + 4;
}

static void take(struct load *load, struct link *link, const char *in, size_t length) {
    size_t used = 0, one;
    uint64_t now = now_ns();
    if (link->stage == UPGRADING) {
        if (!(used = upgrade_taken(link, in, length))) return;
        next_step(load, link);
    }
    struct frame frame;
    while (link->stage != CLOSED && (one = next_frame(load->scenario.framing, in + used, length - used, &frame))) {
        used += one;
        if (frame.kind == PING_FRAME) answer_ping(load, link, &frame);
        else if (frame.kind == CLOSE_FRAME) lose(load, link);
        else if (frame.body_length == 1 && *frame.body == '2') queue_frame(load, link, "3", 1, 0); /* engine.io's ping */
        else if (link->stage == STEPPING) on_setup_frame(load, link, &frame);
        else if (load->on_frame) load->on_frame(link, &frame, now);
    }
    free(link->left);
    link->left = NULL;
    if ((link->left_length = length - used)) {
        if (!(link->left = malloc(link->left_length))) abort();
        memcpy(link->left, in + used, link->left_length);
    }
}

static void read_link(struct load *load, struct link *link) {
    if (link->left_length + READ_AT_ONCE > SCRATCH) give_up("a frame larger than the scratch space", "", 0);
    ssize_t got = recv(link->fd, scratch + link->left_length, READ_AT_ONCE, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) { lose(load, link); return; }
    if (link->left_length) memcpy(scratch, link->left, link->left_length);
    load->bytes_read += (uint64_t)got;
    take(load, link, scratch, link->left_length + (size_t)got);
}

void read_links(struct load *load, int64_t wait_ns) {
    struct epoll_event events[512];
    struct timespec wait = {wait_ns / 1000000000, wait_ns % 1000000000};
    int count = epoll_pwait2(load->epoll, events, 512, &wait, NULL);
    for (int i = 0; i < count; i++) {
        struct link *link = events[i].data.ptr;
        if (link->stage != CLOSED && events[i].events & EPOLLOUT) flush_link(load, link);
        if (link->stage != CLOSED && events[i].events & ~(uint32_t)EPOLLOUT) read_link(load, link);
    }
}

void connect_all(struct load *load) {
    const struct scenario *scenario = &load->scenario;
    load->epoll = epoll_create1(0);
    load->links = calloc((size_t)scenario->client_count, sizeof *load->links);
    load->dirty = calloc((size_t)scenario->client_count, sizeof *load->dirty);
    if (!load->links || !load->dirty) abort();
    uint64_t give_up_at = now_ns() + 60000000000u + (uint64_t)scenario->client_count * 10000000u;
    while (load->ready < scenario->client_count) {
        while (load->opened < scenario->client_count && load->opened - load->ready < AT_ONCE) {
            struct link *link = &load->links[load->opened];
            link->client = &scenario->clients[load->opened++];
            open_link(load, link);
        }
        flush_all(load);
        read_links(load, 100000000);
        if (now_ns() > give_up_at) give_up("connecting takes too long", "", 0);
    }
    flush_all(load);
}

/* Ours only: `changes` frames carry `"to":seq` near their start, which the client's cursor follows. */
void note_seq(struct link *link, const struct frame *frame) {
    const char *to = memmem(frame->body, frame->body_length < 160 ? frame->body_length : 160, "\"to\":", 5);
    if (to) link->seq = atol(to + 5);
}

void tell_cursors_and_beats(struct load *load, uint64_t now) {
    static uint64_t slice;
    if (now / 10000000 == slice) return; /* every 10 ms a hundredth of the links says how far it is */
    slice = now / 10000000;
    for (int i = (int)(slice % 100); i < load->scenario.client_count; i += 100) {
        struct link *link = &load->links[i];
        struct saying saying = {.ref = 1, .device = link->client->device, .seq = link->seq};
        if (link->stage != READY) continue;
        if (load->scenario.cursor.count && link->seq > link->told_seq) {
            link->told_seq = link->seq;
            queue_saying(load, link, &load->scenario.cursor, &saying);
        }
        if (load->scenario.beat.count && slice / 100 % 15 == (uint64_t)i / 100 % 15)
            queue_saying(load, link, &load->scenario.beat, &saying);
    }
}

void hold_until_input_ends(struct load *load) {
    struct pollfd input = {0, POLLIN, 0};
    char byte;
    while (!(poll(&input, 1, 0) > 0 && read(0, &byte, 1) <= 0)) {
        read_links(load, 5000000);
        tell_cursors_and_beats(load, now_ns());
        flush_all(load);
    }
}
