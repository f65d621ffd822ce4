"""The effect of an amended plan on the figures, before it is launched: calculated by the same arithmetic from the same
facts."""
