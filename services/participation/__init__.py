"""The one book of deeds: takes in what was done, by whom and when, and never scores it."""
