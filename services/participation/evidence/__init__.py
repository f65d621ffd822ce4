"""Evidence: files that are uploaded in parts, stored by their content, attached to records, and read by those who
may."""
