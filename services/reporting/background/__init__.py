"""What tasks that work in rounds share."""
