"""Look-up: units, persons, records and imports by id, name, pinyin or initials."""
