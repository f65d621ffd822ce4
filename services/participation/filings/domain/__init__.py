"""The rules of filings: what a form may hold, what may become of a filing, the records it stands for.  Pure."""
