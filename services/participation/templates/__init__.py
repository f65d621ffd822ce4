"""Templates: workbooks to fill in, generated from the catalogue of columns, the registry and the campaign in force."""
