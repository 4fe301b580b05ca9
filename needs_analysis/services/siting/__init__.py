"""Where the next dwellings should open: supply, travel times and the choice of sites."""
