"""Delivery: fetches a version, verifies its files, and loads the model. Knows no HTTP server."""
