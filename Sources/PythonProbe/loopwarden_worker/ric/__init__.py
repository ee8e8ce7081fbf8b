"""Runs awslambdaric, AWS Lambda's own runtime client, as it is installed, and looks on.

The client asks the daemon for invocations by itself. What is done here is to be there before it, and to mark in the
probe's journal what it does: the daemon reads the journal when the client has answered.
"""
