"""Endpoints declared in YAML: steps that ask sources, in an order that follows from what they refer to."""
