"""The `qihang` command: a client of the services' HTTP doors; it imports nothing else of the system."""
