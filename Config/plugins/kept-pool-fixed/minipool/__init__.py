"""A connection pool as libraries have them, installed beside the handler with pip install --target."""

from .pool import Pool, create_pool

__all__ = ("Pool", "create_pool")
