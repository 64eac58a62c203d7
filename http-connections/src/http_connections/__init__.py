"""Connections of HTTP servers: what never becomes a request, how long a connection may take, and how it ends."""
