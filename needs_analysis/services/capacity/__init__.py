"""Waiting lists and places: exact queues, the simulation, and the places that demand takes."""
