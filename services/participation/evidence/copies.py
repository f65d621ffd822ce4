"""The smaller copies of a picture: longest side and quality, each made from the previous one."""

from typing import Final

COPIES: Final = {"small": (1280, 80), "thumb": (320, 72)}
