"""Kafka in: which streams are read, how far, and by which replica."""
