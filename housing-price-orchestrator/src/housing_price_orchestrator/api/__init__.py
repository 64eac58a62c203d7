"""The FastAPI interface: reads requests, calls the service, writes answers. It prices nothing itself."""
