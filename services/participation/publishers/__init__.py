"""Publishers: outside systems that may report, their tokens, broker users and sources."""
