"""What a digest contains.  Pure: no clock, store or broker."""
