"""What an office writes: its tables, their templates, and how they are read and checked."""
