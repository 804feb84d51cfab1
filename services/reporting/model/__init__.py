"""The pure rules: what a visit and an answer were, and what they count."""
