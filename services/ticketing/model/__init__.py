"""The rules of visits and of the queue: pure, with no clock, no chance and no database."""
