"""Statements of learning platforms (xAPI): those that the campaign's file lists become records."""
