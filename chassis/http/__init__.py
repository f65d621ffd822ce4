"""Routes over HTTP: server, tokens, limits, schemas, problem+json, operator routes, OpenAPI."""
