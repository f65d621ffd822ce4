"""What one operating system process needs: settings, clock, logs,
tokens, problems, calls to other services, greenlets."""
