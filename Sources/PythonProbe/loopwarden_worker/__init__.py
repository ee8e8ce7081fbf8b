"""Runs one handler for the daemon: cold once, then warm, as AWS Lambda's Python runtime would."""
