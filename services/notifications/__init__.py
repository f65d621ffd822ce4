"""Notifications decides who must be told what and when; it never lets a person's name leave the unit."""
