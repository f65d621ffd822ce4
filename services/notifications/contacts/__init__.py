"""Contacts: by which addresses posts and persons are reached."""
