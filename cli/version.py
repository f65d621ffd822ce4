"""Which version this is: of the command, the services and the images that are tagged with it."""

VERSION = "0.1.0"
