"""JavaRosa, the engine inside ODK Collect; the only package that knows Java."""
