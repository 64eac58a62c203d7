"""Who may call, and how often: keys, client addresses, rate limits, answers that are repeated. Free of frameworks."""
