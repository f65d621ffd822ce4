"""What one operating system process needs: settings, clock, logs, tokens, problems, HTTP client of the other services,
greenlets, subprocesses, lock of the data folder."""
