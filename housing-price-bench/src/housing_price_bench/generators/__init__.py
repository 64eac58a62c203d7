"""Load generators: programs that take a load on their command line and print its outcome."""
