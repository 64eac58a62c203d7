"""A typed HTTP API in front of an MLflow-served pricing model.

The folders are the diagram: ``api`` → ``service`` → ``provider``, with ``resilience`` and ``observability``
beside them. Only ``app`` knows all of them.
"""
