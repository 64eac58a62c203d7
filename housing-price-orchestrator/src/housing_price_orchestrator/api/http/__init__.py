"""What HTTP asks of every route: bodies, problems, access, idempotency, documents."""
