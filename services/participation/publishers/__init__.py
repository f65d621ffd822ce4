"""Publishers: outside systems that may report, with tokens, broker users and sources."""
