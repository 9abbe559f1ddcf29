"""What changed between two versions of an instrument, and what it does to the answers that are collected."""
