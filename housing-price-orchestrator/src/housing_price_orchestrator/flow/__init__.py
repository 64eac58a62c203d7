"""Endpoints by declaration: a notation, a plan made of it, and an engine that runs plans. No framework, no I/O."""
