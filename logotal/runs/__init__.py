"""Whole runs: train, load, detect, evaluate. This is the Python API."""
