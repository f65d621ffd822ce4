"""The district's campaign: its file, launch and amendments."""
