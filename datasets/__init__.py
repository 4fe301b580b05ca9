"""Compiled official figures, read through ``importlib.resources``."""
