"""Videos shown on official accounts (视频展播)."""
