"""How files reach the disk: whole or not at all, workbooks, and what is said of a disk that is full."""
