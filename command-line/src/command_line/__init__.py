"""What all commands share: their help, their version, what they print, and how they fail."""
