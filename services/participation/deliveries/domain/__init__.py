"""The meaning of a receiver's answer, and the time of the next attempt.  Pure."""
