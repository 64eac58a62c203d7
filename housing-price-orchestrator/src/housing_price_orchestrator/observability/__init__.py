"""What operators see: log lines, metrics, and one record for each request."""
