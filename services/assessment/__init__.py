"""Assessment decides how recorded deeds score and who is proposed for awards; it never judges people's opinions."""
