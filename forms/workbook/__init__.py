"""The workbook as a designer typed it: opening the file, and the nouns sheet, row and cell."""
