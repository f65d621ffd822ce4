"""Events: their definition, the form in which they are recorded, and their wire format.  Knows nothing of storage."""
