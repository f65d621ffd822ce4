"""The intake of reports from outside systems: parsed as CloudEvents, stored while pending, answered with receipts."""
