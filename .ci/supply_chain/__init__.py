"""What CI asks of the packages that the platform consists of: known advisories, licences, and a list for each image."""
