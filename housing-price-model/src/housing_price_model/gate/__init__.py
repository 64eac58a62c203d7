"""The promotion gate: checks that a version has to pass to become the champion. Changes nothing."""
