"""Reads the files of works and produces documents and articles from them.  Everything but renderer.py runs in a process
of its own, without store and network."""
