"""From sums to published figures. Pure."""
