"""Preferences: in which order, from which hour and of what a recipient wants to be told, within what is compulsory."""
