"""What the demo is made of: rendered figures and the synthetic data set, and the annotations of either (`truth`)."""
