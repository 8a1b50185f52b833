"""Inference: predictions to segments, segments to timelines."""
