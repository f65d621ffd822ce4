"""Reads a .docx as its reader sees it, walking the XML in the order of the body.  Used in the subprocess only."""
