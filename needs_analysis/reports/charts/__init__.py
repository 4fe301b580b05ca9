"""Drawings of the page and of notebooks, as SVG."""
