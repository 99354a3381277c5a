"""What answers queries, and keeps the answers; nothing here needs a language model."""
