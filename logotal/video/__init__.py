"""Video files: frames in, on an exact constant-rate grid, and frames out."""
