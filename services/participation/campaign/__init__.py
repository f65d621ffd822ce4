"""The district's campaign: its file, its launch and its amendments."""
