"""What operators do after a store was restored from a backup: a new epoch, replay from the sources."""
