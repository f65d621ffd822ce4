"""The independent check of a semester: what was told and shown, held against the district's files and the logs.

Imports nothing of duties or services: what is owed is said by the oracle that was written from scoring.md alone."""
