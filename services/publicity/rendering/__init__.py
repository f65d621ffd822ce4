"""Takes works in and makes documents of them; runs in a process of its own, knows no store and no network."""
