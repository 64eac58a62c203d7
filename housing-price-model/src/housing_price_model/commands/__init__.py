"""The work of each command. ``cli`` declares their options."""
