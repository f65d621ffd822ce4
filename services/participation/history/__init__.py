"""The history of each accepted row, read from its stream: who, when, from what to what, why."""
