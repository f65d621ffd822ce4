"""Templates: workbooks to fill in, made of the catalogue of columns, the registry and the campaign in force."""
