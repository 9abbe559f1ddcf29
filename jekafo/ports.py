"""Ports of this machine: is one free, and which one is."""

import socket

from jekafo.terminal import fail, words


def require_free(host: str, port: int) -> None:
    """End with what to do where another program listens on the port."""
    if not is_free(host, port):
        fail(
            words(
                f"Port {port} is taken by another program: choose one with --port.",
                f"Le port {port} est pris par un autre programme : choisissez-en un avec --port.",
            )
        )


def is_free(host: str, port: int) -> bool:
    """True where nobody answers on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) != 0


def free_port() -> int:
    """A port of the loopback address that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
