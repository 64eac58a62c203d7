"""The variables that Kubernetes writes into every container for one service of its namespace."""


def links_of(service: str, address: str = "10.0.0.1", port: int = 8000) -> dict[str, str]:
    """Return those for a service with one named port; ``service`` is its name in upper snake case."""
    url = f"tcp://{f'[{address}]' if ':' in address else address}:{port}"
    return {
        f"{service}_SERVICE_HOST": address,
        f"{service}_SERVICE_PORT": str(port),
        f"{service}_SERVICE_PORT_HTTP": str(port),
        f"{service}_PORT": url,
        f"{service}_PORT_{port}_TCP": url,
        f"{service}_PORT_{port}_TCP_PROTO": "tcp",
        f"{service}_PORT_{port}_TCP_PORT": str(port),
        f"{service}_PORT_{port}_TCP_ADDR": address,
    }
