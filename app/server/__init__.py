"""What the server does besides running the page: what stands there until it has come, and its scripts packed."""
