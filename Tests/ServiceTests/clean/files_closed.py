"""Files in all the ways in which they are opened and closed."""

import mmap
import os
import tempfile


def handler(event, context):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "w") as file:
            file.write("text")
        descriptor = os.open(path, os.O_RDONLY)
        os.close(descriptor)
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return mapped[:].decode()
