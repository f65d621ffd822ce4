"""Participation decides what stands in the one book of deeds; it never scores and never judges what people think."""
