"""Reports of outside systems: read as CloudEvents, kept while they are pending, answered with receipts."""
