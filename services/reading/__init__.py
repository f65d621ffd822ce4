"""Reads files that people made, in a process of its own: layout found, cells put into form (docs/reading.md).

Shared by services as the registry is; it knows no service, no store and no register: kinds of table are given to it."""
