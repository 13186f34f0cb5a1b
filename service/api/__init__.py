"""The routes of the HTTP service, one module a noun."""
