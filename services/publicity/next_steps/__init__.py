"""What the people at the desk see first: what is next with articles and anthologies, and works to choose from."""
