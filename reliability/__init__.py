"""Trials that take minutes or hours: what CI cannot run on every change, but a release rests on."""
