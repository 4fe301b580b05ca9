"""Renderers of the content model: they know no chapter."""
