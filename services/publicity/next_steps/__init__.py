"""What the people who do the work see first: next steps of articles and anthologies, and works to choose from."""
