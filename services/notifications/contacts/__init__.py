"""Contacts: the addresses of posts and persons."""
