"""The commands, one file each. They parse nothing, compute nothing and import torch only when they run."""
