"""Translating a workbook: what is missing or stale in a language, out to a translator and back into the file."""
