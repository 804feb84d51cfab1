"""How events leave a site and arrive at the centre: once, in order, without a hole."""
