"""Policies: which exist, which could be put in place, what they cost and what a budget buys."""
