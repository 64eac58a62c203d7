"""Where the steps of flows get their values: databases, HTTP services, feature stores and models."""
