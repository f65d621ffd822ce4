"""The console's own store: accounts, sessions, throttling and the security log; nothing of the campaign."""
