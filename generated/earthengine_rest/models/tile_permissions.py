from typing import Literal

TilePermissions = Literal["DEFAULT_OBJECT_ACL", "PUBLIC", "TILE_PERMISSIONS_UNSPECIFIED"]

TILE_PERMISSIONS_VALUES: set[TilePermissions] = {
    "DEFAULT_OBJECT_ACL",
    "PUBLIC",
    "TILE_PERMISSIONS_UNSPECIFIED",
}


def check_tile_permissions(value: str) -> TilePermissions:
    if value in TILE_PERMISSIONS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TILE_PERMISSIONS_VALUES!r}")
