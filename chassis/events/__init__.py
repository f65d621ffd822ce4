"""What an event is, how it is recorded and how it travels; never where it is stored."""
