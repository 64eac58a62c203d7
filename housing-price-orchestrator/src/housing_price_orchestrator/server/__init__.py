"""Runs the application in uvicorn: protocol, listener, workers, graceful shutdown."""
