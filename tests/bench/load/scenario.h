/* What the load client is told: who connects, what they say, how fast, for how long. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stddef.h>

enum framing { WEBSOCKET, NATS };

struct step {
    char *expect; /* the step is done when a frame containing this came back */
    char *frame;
};

struct client {
    char *device;
    char **rooms;
    int room_count;
    struct step *steps;
    int step_count;
};

enum token { LITERAL, REF, UUID, ROOM, DEVICE, TEXT, LENGTH, SEQ };

struct part {
    enum token token;
    char *literal;
    size_t length;
};

struct template {
    struct part *parts;
    int count;
};

struct scenario {
    int port;
    enum framing framing;
    char *path;
    char *applied; /* an acknowledgement without this is a refusal */
    struct template say, beat, cursor;
    struct client *clients;
    int client_count;
    int publishers; /* the first so many clients publish */
    char **texts;
    int text_count;
    int window;   /* messages in flight: of each publisher, or of all where any_publisher */
    int any_publisher;
    double rate;  /* messages a second, open loop, instead of a window */
    int lone;     /* one message at a time: the next when this many deliveries and the ack are in */
    int fan;      /* deliveries to expect of each message; 0 where unknown */
    int warm_ms, measure_ms, drain_ms;
    int watch_pid; /* whose processor time is measured */
    int hold;      /* only connect, and stay until standard input ends */
};

struct scenario read_scenario(const char *file_name);

#endif
