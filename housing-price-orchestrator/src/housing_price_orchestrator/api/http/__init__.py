"""What every route shares: bodies, errors, access, idempotency and documentation."""
