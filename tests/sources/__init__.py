"""Tests of the official files."""
