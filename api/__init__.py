"""Who may ask, and in which wire format: OpenRosa, JSON, pages."""
