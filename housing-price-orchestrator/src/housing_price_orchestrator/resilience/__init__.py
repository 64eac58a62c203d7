"""Small wrappers that keep one slow or broken part from taking the rest with it."""
