"""What a browser and a program meet at the console: sign-in, pages, and the gateway under load and faults."""
