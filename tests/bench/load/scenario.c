/* Reads a scenario: one `key<TAB>value...` a line, as tests/bench/load_client.py writes it. */
#define _GNU_SOURCE
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *grown(void *items, int count, size_t size) {
    if (count & (count - 1)) return items; /* room is doubled at each power of two */
    void *more = realloc(items, (count ? 2 * (size_t)count : 1) * size);
    if (!more) abort();
    return more;
}

static const struct { const char *name; enum token token; } TOKENS[] = {
    {"%ref%", REF}, {"%uuid%", UUID}, {"%room%", ROOM}, {"%device%", DEVICE},
    {"%text%", TEXT}, {"%len%", LENGTH}, {"%seq%", SEQ},
};

static void add_part(struct template *template, enum token token, const char *text, size_t length) {
    if (token == LITERAL && !length) return;
    template->parts = grown(template->parts, template->count, sizeof *template->parts);
    template->parts[template->count++] = (struct part){token, strndup(text, length), length};
}

static struct template compiled(const char *text) {
    struct template template = {0};
    const char *from = text, *at = text;
    while (*at) {
        enum token token = LITERAL;
        size_t length = 1;
        for (size_t i = 0; *at == '%' && i < sizeof TOKENS / sizeof *TOKENS; i++)
            if (!strncmp(at, TOKENS[i].name, strlen(TOKENS[i].name)))
                token = TOKENS[i].token, length = strlen(TOKENS[i].name);
        if (token != LITERAL) {
            add_part(&template, LITERAL, from, (size_t)(at - from));
            add_part(&template, token, at, length);
            from = at + length;
        }
        at += length;
    }
    add_part(&template, LITERAL, from, (size_t)(at - from));
    return template;
}

/* The scenario is lines, so a line end inside a frame travels as %crlf%. */
static char *with_line_ends(char *text) {
    char *found;
    while ((found = strstr(text, "%crlf%"))) {
        memcpy(found, "\r\n", 2);
        memmove(found + 2, found + 6, strlen(found + 6) + 1);
    }
    return text;
}

static struct client read_client(char *fields) {
    struct client client = {0};
    client.device = strdup(strsep(&fields, "\t"));
    char *rooms = strsep(&fields, "\t"), *room;
    while (rooms && (room = strsep(&rooms, ",")))
        if (*room) {
            client.rooms = grown(client.rooms, client.room_count, sizeof *client.rooms);
            client.rooms[client.room_count++] = strdup(room);
        }
    char *expect, *frame;
    while ((expect = strsep(&fields, "\t")) && (frame = strsep(&fields, "\t"))) {
        client.steps = grown(client.steps, client.step_count, sizeof *client.steps);
        client.steps[client.step_count++] = (struct step){strdup(expect), with_line_ends(strdup(frame))};
    }
    return client;
}

static void set(struct scenario *scenario, const char *key, char *value) {
    const struct { const char *name; int *number; } numbers[] = {
        {"port", &scenario->port}, {"publishers", &scenario->publishers}, {"window", &scenario->window},
        {"any_publisher", &scenario->any_publisher}, {"lone", &scenario->lone}, {"fan", &scenario->fan},
        {"warm_ms", &scenario->warm_ms}, {"measure_ms", &scenario->measure_ms},
        {"drain_ms", &scenario->drain_ms}, {"watch_pid", &scenario->watch_pid}, {"hold", &scenario->hold},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!strcmp(key, numbers[i].name)) { *numbers[i].number = atoi(value); return; }
    if (!strcmp(key, "framing")) scenario->framing = strcmp(value, "nats") ? WEBSOCKET : NATS;
    else if (!strcmp(key, "path")) scenario->path = strdup(value);
    else if (!strcmp(key, "rate")) scenario->rate = atof(value);
    else if (!strcmp(key, "applied")) scenario->applied = strdup(value);
    else if (!strcmp(key, "say")) scenario->say = compiled(with_line_ends(value));
    else if (!strcmp(key, "beat")) scenario->beat = compiled(with_line_ends(value));
    else if (!strcmp(key, "cursor")) scenario->cursor = compiled(with_line_ends(value));
    else if (!strcmp(key, "text")) {
        scenario->texts = grown(scenario->texts, scenario->text_count, sizeof *scenario->texts);
        scenario->texts[scenario->text_count++] = strdup(value);
    } else if (!strcmp(key, "client")) {
        scenario->clients = grown(scenario->clients, scenario->client_count, sizeof *scenario->clients);
        scenario->clients[scenario->client_count++] = read_client(value);
    } else {
        fprintf(stderr, "load: unknown key in the scenario: %s\n", key);
        exit(2);
    }
}

struct scenario read_scenario(const char *file_name) {
    struct scenario scenario = {.path = "/", .drain_ms = 3000};
    FILE *file = fopen(file_name, "r");
    if (!file) { perror(file_name); exit(2); }
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, file)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        char *value = line, *key = strsep(&value, "\t");
        if (value) set(&scenario, key, value);
    }
    free(line);
    fclose(file);
    return scenario;
}
