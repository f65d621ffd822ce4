"""The directory (单位与人员): units, people and posts, read and changed by those who maintain them."""
