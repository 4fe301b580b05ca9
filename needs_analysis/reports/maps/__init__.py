"""Interactive maps: pages that stand alone, offline."""
