"""The FastAPI interface: reads requests, calls the service, and writes responses. It contains no pricing."""
