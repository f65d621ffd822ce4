"""The rules of filings: valid forms, the life of a filing, the records it stands for.  Pure."""
