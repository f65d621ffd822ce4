"""Assessment calculates scores from recorded deeds and ranks candidates for awards; it never evaluates people's
opinions."""
