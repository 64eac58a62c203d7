"""The pipeline: from a source of sales to a registered version in steps whose results are kept."""
