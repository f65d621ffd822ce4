"""HTTP: server, routes with tokens, limits, schemas and problem+json, the operator's routes of every service,
OpenAPI."""
