"""Works (优秀作品): nominated with their author's consent, revised, selected by unit or district."""
