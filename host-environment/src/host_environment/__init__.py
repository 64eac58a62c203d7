"""What a process finds where it runs: loopback, proxies, variables that nobody wrote, files that it may not read."""
