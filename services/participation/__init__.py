"""Participation decides which reports are accepted as records of the district; it never scores and never judges what people think."""
