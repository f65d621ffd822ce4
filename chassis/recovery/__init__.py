"""After a store came back from a backup: epochs and replay from the sources."""
