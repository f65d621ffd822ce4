"""Evidence: files that are uploaded in parts, kept by what is in them, put to records and read by those who may."""
