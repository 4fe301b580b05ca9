"""Map themes, one TOML each, read through ``importlib.resources``."""
