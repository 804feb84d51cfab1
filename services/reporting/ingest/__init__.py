"""One batch of messages, in one transaction."""
