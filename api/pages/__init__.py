"""Pages for people: rendered on the server, readable without scripts, in French and English."""
