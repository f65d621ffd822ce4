"""Preferences of recipients: order of channels, earliest hour, muted stages, within what is compulsory."""
