"""Reads the files of works and makes documents and articles of them.  All but renderer.py runs in a process of its own
and knows no store and no network."""
