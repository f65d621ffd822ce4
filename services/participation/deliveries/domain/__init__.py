"""What an answer of a receiver means, and when to try again.  Pure."""
