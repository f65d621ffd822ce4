"""Reports: the result files of scoring.md 9, calculated on request and downloaded."""
