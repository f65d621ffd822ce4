"""Real private servers and child processes for tests.  Nothing here knows Qihang's rules."""
