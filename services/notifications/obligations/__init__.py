"""The facts from which obligations of persons and units follow, projected from other services' events."""
