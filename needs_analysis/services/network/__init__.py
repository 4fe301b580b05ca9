"""Who refers to whom in a network of services, and what its members say of it."""
