"""A typed HTTP API in front of an MLflow-served pricing model.

Calls go ``api`` → ``service`` → ``provider``. Beside them, ``access`` decides who may call and ``observability`` shows
what happens. ``bootstrap`` connects the parts, ``server`` runs them, and ``cli`` is the command.
"""
