"""The console's own store: accounts, second steps, sessions, throttling, security log; nothing of the campaign."""
