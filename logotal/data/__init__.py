"""Data: annotations and features in, padded batches out."""
