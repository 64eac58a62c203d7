"""Runs the application in uvicorn: HTTP protocol, listener, workers and graceful shutdown."""
