"""What the conditions of a form come to: what they refer to, and whether any answer can make them true."""
