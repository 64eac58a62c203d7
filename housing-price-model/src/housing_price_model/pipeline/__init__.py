"""The pipeline: turns a source of sales into a registered version, in steps whose results are cached."""
