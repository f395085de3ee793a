/* The floor of fan-out: one thread that sends one pre-framed message to every socket, one send() each, and no more.
   usage: bare_sends FRAME_BYTES (200 or more); prints the port it listens on. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536
#define STAMP 17 /* a tilde and 16 hex digits */
#define REF 15

static int sockets[MOST], socket_count, upgraded[MOST];
static char frame[MOST + 4];
static size_t frame_length;

static void build_frame(size_t payload) {
    frame[0] = (char)0x81;
    frame[1] = 126;
    frame[2] = (char)(payload >> 8);
    frame[3] = (char)payload;
    memset(frame + 4, 'x', payload);
    frame_length = payload + 4;
}

static int listening(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {0}};
    socklen_t length = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, length) || listen(fd, 4096)) exit(1);
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_one(int epoll, int listener) {
    int on = 1, fd = accept(listener, NULL, NULL);
    if (fd < 0 || fd >= MOST) exit(1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    upgraded[fd] = 0;
    struct epoll_event event = {EPOLLIN, {.fd = fd}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    sockets[socket_count++] = fd;
}

static void drop(int fd) {
    for (int i = 0; i < socket_count; i++)
        if (sockets[i] == fd) sockets[i--] = sockets[--socket_count];
    close(fd);
}

static void send_all(int publisher, const char *payload) {
    char ack[2 + REF] = {(char)0x81, REF};
    memcpy(ack + 2, payload, REF);
    if (send(publisher, ack, sizeof ack, 0) < 0) exit(1);
    memcpy(frame + 4 + 128, payload + REF + 1, STAMP); /* well behind where a reference is looked for */
    for (int i = 0; i < socket_count; i++)
        if (send(sockets[i], frame, frame_length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN) exit(1);
}

static void read_one(int fd) {
    static const char welcome[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    char in[4096];
    ssize_t got = recv(fd, in, sizeof in, 0);
    if (got <= 0) { drop(fd); return; }
    if (!upgraded[fd]) {
        upgraded[fd] = 1;
        if (send(fd, welcome, sizeof welcome - 1, 0) < 0) exit(1);
    } else if (got >= 6 + REF + 1 + STAMP) {
        send_all(fd, in + 6); /* the load's frames are short, one at a time, and their mask is zero */
    }
}

int main(int count, char **arguments) {
    if (count != 2) { fprintf(stderr, "usage: bare_sends FRAME_BYTES\n"); return 2; }
    build_frame((size_t)atoi(arguments[1]));
    int listener = listening(), epoll = epoll_create1(0);
    struct epoll_event events[256], event = {EPOLLIN, {.fd = listener}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++)
            if (events[i].data.fd == listener) accept_one(epoll, listener);
            else read_one(events[i].data.fd);
    }
}
