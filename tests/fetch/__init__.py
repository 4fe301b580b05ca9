"""Tests of what is shipped, kept and fetched."""
