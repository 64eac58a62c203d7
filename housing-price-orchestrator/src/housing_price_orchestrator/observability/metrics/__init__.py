"""The metrics of the service in Prometheus' terms, a module for each subject that is observed.

Labels are bounded: routes by their template, fields by the record's own names; values of requests never.
"""
