# Made by `make generate`; never edited.
# spec: image_export.yaml, sha256 b1fd78522973eb62fe00ee13faf8283e1e0799cd20262393149ff747182861e9
# generator: openapi-python-client 0.29.1
"""A client library for accessing Earth Engine image export"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
