"""The directory (单位与人员): units, people and posts as those who keep them read and change them."""
