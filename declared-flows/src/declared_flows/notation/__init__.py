"""What a file of flows may say: YAML, models of the declaration, schemas, templates and expressions."""
