"""The history of each accepted row, read from its stream: who, when, old and new values, why."""
