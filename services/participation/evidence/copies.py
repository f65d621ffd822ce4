"""What is made of a picture beside it: longest side and quality, each from the one before."""

from typing import Final

COPIES: Final = {"small": (1280, 80), "thumb": (320, 72)}
