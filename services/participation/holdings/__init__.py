"""What an outside system may read about itself: its own rows with digests, differences, reference lists, its
receipts."""
