"""The `qihang` command: a client of the services' HTTP routes; it imports nothing else of the system."""
