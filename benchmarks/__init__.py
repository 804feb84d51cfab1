"""Speed, as ratios beside bare ceilings of the same run: the machine's own speed cancels out."""
