"""The user's own workbook, filled by the names in it: nothing else of it is touched."""
