"""Reads files made by people, in a process of its own: finds the layout, normalises cells (docs/reading.md).

A library shared by services; it knows no service, store or registry: kinds of table are passed to it."""
