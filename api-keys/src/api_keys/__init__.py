"""API keys in a file: created, revoked, looked up by digest, and watched for changes."""
