"""Backbones: the frozen video networks that turn clips into features.

`BACKBONES` (backbone.py) says what each is and how its features are made; `load_backbone` (load.py) gives the network
with its weights; `preprocess` (preprocess.py) makes its input from frames; `logotal weights` (weights.py) fetches
what can be fetched.
"""
