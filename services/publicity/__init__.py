"""Publicity decides what is shown, and with whose consent; it never makes a work public without it."""
