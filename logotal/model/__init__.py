"""The network: features (B, C, T) and mask (B, 1, T) in, predictions out. It knows neither seconds nor losses."""
