"""A workbook written so that a designer reads it well: colours, notes, drop-down lists, a sheet README."""
