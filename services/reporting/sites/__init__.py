"""What the centre hears of its sites, and says to them."""
