"""Publication: a trained model becomes a registered version, with its artefact, its run and its description."""
