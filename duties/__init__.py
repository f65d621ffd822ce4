"""What is owed, by whom and by when, and what it is worth: scoring.md sections 2 to 8 as pure, exact functions.

Never reads a file, a clock or a store, and never sees a float.
"""
