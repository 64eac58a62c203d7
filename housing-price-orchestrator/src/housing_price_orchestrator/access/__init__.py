"""Who may call, and how often: keys, client addresses, rate limits, stored responses. Free of frameworks."""
