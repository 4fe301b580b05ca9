"""What is handed out: one content model, several renderers; the only home of labels, % and colour."""
