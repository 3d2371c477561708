# Made by `make generate`; never edited.
# spec: image_export.yaml, sha256 267ebc896bb0501d707b66ecfef21a4a683fccccbf5fd7dcfd376ccceeba0fff
# generator: openapi-python-client 0.29.1
"""A client library for accessing Earth Engine image export"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
