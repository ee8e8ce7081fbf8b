"""What Scripts/bench measures. A subject is a file in `subjects` and a line in `subjects/__init__.py`."""
