"""What can be done, one verb a file: judged first, then written together with its verdict."""
