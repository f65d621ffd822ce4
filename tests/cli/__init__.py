"""What a user of the `qihang` command meets: its answers, files and exit codes, also when services falter."""
