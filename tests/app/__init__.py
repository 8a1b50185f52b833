"""The app: labels, train, correct in a browser."""
