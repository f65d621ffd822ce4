"""Every event that can happen, one module per service; contracts/frozen/ holds the schema and an example of each."""
