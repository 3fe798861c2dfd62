"""A service on a real socket of loopback, in a thread."""

import socket
import threading
from contextlib import contextmanager

import uvicorn


@contextmanager
def served(house, port=0):
    """Serve the house's application on a port, a free one where none is named; gives its address."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        config = uvicorn.Config(house.app, log_level="error", timeout_graceful_shutdown=8)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            thread.join(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            house.service.stopping.set()
            server.should_exit = True
            thread.join(10)
