"""From workbook to XForm by way of pyxform, and what its refusals mean."""
