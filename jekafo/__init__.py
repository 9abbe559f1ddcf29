"""The front door: settings, wiring, commands. The only reader of the environment."""
