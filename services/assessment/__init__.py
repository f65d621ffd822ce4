"""Assessment: calculates scores from recorded deeds and ranks candidates for awards.  It never evaluates people's
opinions."""
