"""Rents within municipalities and over those that merged: zones and weights."""
