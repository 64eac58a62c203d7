"""Policies for calls to an upstream: deadline, retry, circuit breaker, bulkhead, admission, single flight, hedging."""
