"""The model's port around another model: one policy each."""
