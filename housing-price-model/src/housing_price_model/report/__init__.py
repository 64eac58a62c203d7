"""The evaluation report: one HTML page about a version. Returns the page and writes nothing."""
