"""What a statement is, when two are the same, and what record it becomes.  Pure."""
