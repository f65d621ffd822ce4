"""What a user of the `qihang` command meets: its answers, files, exit codes, and how it behaves when services falter."""
