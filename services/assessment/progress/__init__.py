"""How far one unit or one person is: their duties and figures as of a day, calculated from their own rows alone."""
