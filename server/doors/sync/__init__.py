"""Our own clients' door: topic `sync` on the socket and `/sync/v1` over HTTP, the same functions behind both."""
