"""Endpoints declared in YAML: steps that call sources, in the order that their references require."""
