"""What is handed out: one content model, several renderers; the home of labels, % and colour."""
