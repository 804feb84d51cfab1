"""The rules of feedback, pure: no IO, no clock, no randomness."""
