"""Training: which points are positive, what they cost, and the engine that learns from it."""
