"""What submissions mean: raw answers to typed tables, tables to estimates, estimates to what may be shown."""
