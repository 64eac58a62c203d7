"""What is sent: houses and request bodies."""
