"""The command `bench`: what a price costs, beside what it could cost, on the machine at hand."""
