"""Records of runs: what is kept of them, how much, and without what."""
