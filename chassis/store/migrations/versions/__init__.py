"""The versions of log, inbox, cursors, quarantine, receipts and keys."""
