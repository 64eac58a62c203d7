"""Adapters for httpx: transport, responses, and its exceptions as errors of this package."""
