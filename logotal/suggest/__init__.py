"""Settings that follow from how long annotated actions last."""
