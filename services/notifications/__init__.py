"""Notifications decides who is reminded of what and when; it never lets a person's name leave the person's unit."""
