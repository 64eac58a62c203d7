"""The evaluation report: what out-of-fold prices say of a version, as one HTML page. Writes nothing anywhere."""
