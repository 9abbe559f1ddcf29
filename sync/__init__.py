"""How submissions come in and forms go out. The only outgoing HTTP."""
