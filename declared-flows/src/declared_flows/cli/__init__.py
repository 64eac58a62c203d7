"""The commands for flows, which a program mounts below its own."""
