"""Reads a .docx as its reader sees it: walks the XML in the order of the body.  Runs in the reader's process only."""
