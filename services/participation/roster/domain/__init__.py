"""What a roster changes of who serves where, and which rows make it so."""
