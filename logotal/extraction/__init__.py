"""Extraction: video files to features, once; everything after it works on features."""
