"""The chapters of a briefing, each in its own room."""
