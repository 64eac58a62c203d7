"""The flows that are served: files, generations and routes."""
