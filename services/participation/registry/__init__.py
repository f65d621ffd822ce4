"""The registry: units, people and their memberships."""
