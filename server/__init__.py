"""The realtime server: doors, actions, access, store and the sockets between them."""
