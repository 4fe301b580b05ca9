"""What is counted: each rule, the run that applies them all, and why two runs differ."""
