"""The server's command line, one word a file."""
