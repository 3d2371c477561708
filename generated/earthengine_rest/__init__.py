# Made by `make generate`; never edited.
# spec: image_export.yaml, sha256 71001e0cf33c5f2a140dd4758319ca2c8b9cfda639bf307af846f4df97319070
# generator: openapi-python-client 0.29.1
"""A client library for accessing Earth Engine image export"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
