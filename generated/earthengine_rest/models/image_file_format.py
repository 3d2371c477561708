from typing import Literal

ImageFileFormat = Literal[
    "AUTO_JPEG_PNG",
    "GEO_TIFF",
    "IMAGE_FILE_FORMAT_UNSPECIFIED",
    "JPEG",
    "MULTI_BAND_IMAGE_TILE",
    "NPY",
    "PNG",
    "TF_RECORD_IMAGE",
    "ZIPPED_GEO_TIFF",
    "ZIPPED_GEO_TIFF_PER_BAND",
]

IMAGE_FILE_FORMAT_VALUES: set[ImageFileFormat] = {
    "AUTO_JPEG_PNG",
    "GEO_TIFF",
    "IMAGE_FILE_FORMAT_UNSPECIFIED",
    "JPEG",
    "MULTI_BAND_IMAGE_TILE",
    "NPY",
    "PNG",
    "TF_RECORD_IMAGE",
    "ZIPPED_GEO_TIFF",
    "ZIPPED_GEO_TIFF_PER_BAND",
}


def check_image_file_format(value: str) -> ImageFileFormat:
    if value in IMAGE_FILE_FORMAT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {IMAGE_FILE_FORMAT_VALUES!r}")
