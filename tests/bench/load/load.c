/* The load: many clients on one thread. Says `ready`, then measures one window and prints it as one line of JSON. */
#define _GNU_SOURCE
#include "links.h"
#include "tally.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum phase { SETTLING, WARMING, MEASURING, DRAINING, OVER };

static struct load load;
static enum phase phase;
static struct tally whole, window;
static double server_at, load_at, settled;
static uint64_t phase_ends, started, ended, next_due, last_arrival, lone_open, next_ref = 700000000000001;
static long in_flight;

#define REFS (1 << 20)
static uint64_t said_at[REFS];

static void say(struct link *link, uint64_t stamp) {
    static uint64_t turn;
    const struct client *client = link->client;
    char uuid[48];
    write_uuid7(uuid);
    struct saying saying = {
        .ref = next_ref++, .uuid = uuid, .device = client->device, .stamp = stamp,
        .room = client->rooms[(turn * 2654435761u >> 7) % (uint64_t)client->room_count],
        .text = load.scenario.texts[turn % (uint64_t)load.scenario.text_count],
    };
    turn++;
    said_at[saying.ref % REFS] = stamp;
    queue_saying(&load, link, &load.scenario.say, &saying);
    in_flight++;
    lone_open = 1 + (uint64_t)load.scenario.lone;
    whole.sent++;
    if (phase == MEASURING) window.sent++;
}

static struct link *some_publisher(void) {
    static uint64_t at;
    return &load.links[(at++ * 2654435761u >> 5) % (uint64_t)load.scenario.publishers];
}

static int saying_on(void) { return phase == WARMING || phase == MEASURING; }

static void go_on_after(struct link *link, uint64_t now) {
    if (load.scenario.lone) {
        if (lone_open == 0 && saying_on()) say(&load.links[0], now);
    } else if (load.scenario.window && link && saying_on()) {
        say(load.scenario.any_publisher ? some_publisher() : link, now);
    }
}

/* A run of digits ending in our 15 (Socket.IO puts its packet type before them): only acknowledgements have one near
   their start. */
static uint64_t find_ref(const char *head, size_t length) {
    uint64_t value = 0;
    int digits = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && head[i] >= '0' && head[i] <= '9') {
            value = value * 10 + (uint64_t)(head[i] - '0'), digits++;
        } else {
            if (digits >= 15) return value % 1000000000000000u;
            value = 0, digits = 0;
        }
    }
    return 0;
}

static void count_ack(struct link *link, const struct frame *frame, uint64_t ref, uint64_t now) {
    int refused = !memmem(frame->body, frame->body_length, load.scenario.applied, strlen(load.scenario.applied));
    if (refused && whole.refused < 3)
        fprintf(stderr, "load: refused: %.*s\n", (int)(frame->body_length < 400 ? frame->body_length : 400), frame->body);
    in_flight--;
    whole.acks += !refused, whole.refused += (uint64_t)refused;
    if (phase == MEASURING) {
        window.acks += !refused, window.refused += (uint64_t)refused;
        add_span(&window.ack, now - said_at[ref % REFS], 1);
    }
    if (load.scenario.lone) lone_open--;
    go_on_after(link, now);
}

static uint64_t stamp_at(const char *text) {
    uint64_t value = 0;
    for (int i = 0; i < 16; i++) value = value << 4 | (uint64_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
    return value;
}

static void count_deliveries(const struct frame *frame, uint64_t now) {
    const char *at = frame->body, *end = at + frame->body_length;
    while (at + 17 <= end && (at = memchr(at, '~', (size_t)(end - at) - 16))) {
        whole.deliveries++;
        last_arrival = now;
        if (phase == MEASURING) {
            window.deliveries++;
            add_span(&window.delivery, now - stamp_at(at + 1), 1);
        }
        if (load.scenario.lone && lone_open) lone_open--;
        at += 17;
    }
}

static void on_frame(struct link *link, const struct frame *frame, uint64_t now) {
    if (phase == MEASURING) window.frames++;
    uint64_t ref = find_ref(frame->head, frame->head_length);
    if (ref) {
        count_ack(link, frame, ref, now);
        return;
    }
    count_deliveries(frame, now);
    if (load.scenario.cursor.count) note_seq(link, frame);
    if (load.scenario.lone) go_on_after(NULL, now);
}

static void enter(enum phase next, uint64_t now, int length_ms) {
    phase = next;
    phase_ends = now + (uint64_t)length_ms * 1000000;
    if (next == MEASURING) {
        started = now, load.bytes_read = 0;
        server_at = processor_seconds(load.scenario.watch_pid), load_at = processor_seconds(0);
    }
    if (next == DRAINING) {
        ended = now, window.bytes = load.bytes_read;
        server_at = processor_seconds(load.scenario.watch_pid) - server_at, load_at = processor_seconds(0) - load_at;
    }
}

static int all_arrived(uint64_t now) {
    if (in_flight > 0) return 0;
    if (load.scenario.fan) return whole.deliveries >= whole.sent * (uint64_t)load.scenario.fan;
    return now > last_arrival + 300000000;
}

static void turn_phase(uint64_t now) {
    if (phase == WARMING && now >= phase_ends) enter(MEASURING, now, load.scenario.measure_ms);
    else if (phase == MEASURING && now >= phase_ends) enter(DRAINING, now, load.scenario.drain_ms);
    else if (phase == DRAINING && (now >= phase_ends || all_arrived(now))) phase = OVER;
}

static void first_sayings(uint64_t now) {
    if (load.scenario.lone) say(&load.links[0], now);
    else if (load.scenario.window && load.scenario.any_publisher)
        for (int i = 0; i < load.scenario.window; i++) say(some_publisher(), now);
    else if (load.scenario.window)
        for (int i = 0; i < load.scenario.publishers * load.scenario.window; i++)
            say(&load.links[i % load.scenario.publishers], now);
    next_due = now;
}

/* Open loop: a message is stamped with the moment it was due, so that a stall is not hidden. */
static void keep_rate(uint64_t now) {
    if (load.scenario.rate <= 0 || !saying_on()) return;
    for (; next_due <= now; next_due += (uint64_t)(1e9 / load.scenario.rate)) say(some_publisher(), next_due);
}

static int64_t wait_ns(uint64_t now) {
    int64_t until = (int64_t)(phase_ends - now);
    if (load.scenario.rate > 0 && saying_on() && (int64_t)(next_due - now) < until) until = (int64_t)(next_due - now);
    int64_t tick = 5000000;
    return until < 0 ? 0 : until < tick ? until : tick;
}

static void come_to_rest(uint64_t limit) {
    int quiet = 0;
    while (quiet < 3 && now_ns() < limit) {
        double spent = processor_seconds(load.scenario.watch_pid);
        uint64_t until = now_ns() + 100000000, bytes = load.bytes_read;
        while (now_ns() < until) {
            read_links(&load, 5000000);
            flush_all(&load);
        }
        int idle = processor_seconds(load.scenario.watch_pid) - spent < 0.005 && load.bytes_read == bytes;
        quiet = idle ? quiet + 1 : 0;
    }
}

/* Joining makes work of its own (presence, receipts): what is measured begins when the server has done with it. It
   computes for less than a twentieth of the time then, and a first message has got through behind all that waited. */
static double settle(void) {
    uint64_t begun = now_ns(), limit = begun + 40000000000u;
    come_to_rest(limit);
    say(&load.links[0], now_ns());
    while (in_flight && now_ns() < limit) {
        flush_all(&load);
        read_links(&load, 5000000);
    }
    come_to_rest(limit);
    whole = (struct tally){0};
    in_flight = 0;
    return (double)(now_ns() - begun) / 1e9;
}

static void print_tally(void) {
    double seconds = (double)(ended - started) / 1e9;
    printf("{\"settled\":%.3f", settled);
    printf(",\"seconds\":%.6f,\"sent\":%lu,\"acks\":%lu,\"refused\":%lu,\"deliveries\":%lu,\"frames\":%lu,\"bytes\":%lu",
           seconds, window.sent, window.acks, window.refused, window.deliveries, window.frames, window.bytes);
    printf(",\"server_cpu\":%.6f,\"load_cpu\":%.6f", server_at, load_at);
    printf(",\"all_sent\":%lu,\"all_acks\":%lu,\"all_refused\":%lu,\"all_deliveries\":%lu,\"closed\":%d", whole.sent,
           whole.acks, whole.refused, whole.deliveries, load.closed);
    print_spans(stdout, "ack_ms", &window.ack);
    print_spans(stdout, "delivery_ms", &window.delivery);
    printf("}\n");
}

int main(int count, char **arguments) {
    if (count != 2) { fprintf(stderr, "usage: load SCENARIO\n"); return 2; }
    signal(SIGPIPE, SIG_IGN);
    load.scenario = read_scenario(arguments[1]);
    load.on_frame = on_frame;
    connect_all(&load);
    printf("ready\n");
    fflush(stdout);
    if (load.scenario.hold) {
        hold_until_input_ends(&load);
        return 0;
    }
    settled = settle();
    uint64_t now = now_ns();
    enter(WARMING, now, load.scenario.warm_ms);
    first_sayings(now);
    while (phase != OVER) {
        flush_all(&load);
        read_links(&load, wait_ns(now));
        now = now_ns();
        turn_phase(now);
        keep_rate(now);
        tell_cursors_and_beats(&load, now);
    }
    print_tally();
    return 0;
}
