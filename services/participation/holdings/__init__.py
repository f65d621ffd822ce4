"""What an outside system may see of the book: its own rows with digests, differences, reference lists, its receipts."""
