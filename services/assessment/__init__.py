"""Assessment decides what deeds on record are worth and who is put forward; it never judges what people think."""
