"""How gunicorn serves Latchkey, under `manage.py up` and in a container. Who starts it says where."""

wsgi_app = "latchkey.wsgi"
worker_class = "gthread"
workers = 2
threads = 4
# Load the program once and fork: a faster start, and an import error ends it at once.
preload_app = True
# No page waits for a lock, so what takes longer than this has hung.
timeout = 30
# Open pages ask again every 2 to 30 s: a connection closed between two of their requests costs a new one, or an error.
keepalive = 75
graceful_timeout = 5
# Its remote control is a socket in the home folder, shared by all gunicorns of a person. It is not needed.
control_socket_disable = True
