"""Reading and writing files: whole or absent, text, JSON and YAML with limits."""
