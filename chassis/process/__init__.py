"""What one operating system process needs, and nothing of stores or messaging: settings, clock, logging, tokens,
problem+json errors, the HTTP client of the other services, greenlets, subprocesses, the lock of the data folder."""
