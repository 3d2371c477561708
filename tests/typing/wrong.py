"""Lines that type checkers refuse; test_typing.py says so of each that is marked."""

import earthengine_export as eex
from earthengine_export.rest import ImageFileExportOptions

image = eex.load("A")
asset = eex.Asset("projects/p/assets/a")
files = ImageFileExportOptions()

eex.ImageExport(image)  # wrong: no destination
eex.ImageExport(image, eex.Drive())  # wrong: by position
eex.ImageExport(image, to=[eex.Drive(), eex.CloudStorage("bucket")])  # wrong: two destinations
eex.ImageExport(image, to=(eex.Drive(), asset))  # wrong: two destinations
eex.ImageExport(image, to=eex.Drive)  # wrong: the class
eex.ImageExport(image, to=None)  # wrong: no destination
eex.ImageExport(image, to="gs://bucket")  # wrong: a string
eex.ImageExport(image, to=eex.GeoTiff())  # wrong: a format for a destination
eex.ImageExport(image, to=eex.Drive(), file_format=[eex.GeoTiff(), eex.TfRecord()])  # wrong: two formats
eex.ImageExport(image, to=eex.Drive(), file_format="GeoTIFF")  # wrong: a string
eex.ImageExport(image, to=eex.Drive(), file_format=eex.Drive())  # wrong: a destination for a format
eex.ImageExport(image, to=eex.Drive(), folder="maps")  # wrong: the destination's argument
eex.ImageExport(image, to=eex.Drive(), geo_tiff_options=eex.GeoTiff())  # wrong: a field of the API
eex.ImageExport(image, to=eex.Drive(), crs=["EPSG:4326", 4326])  # wrong: two systems
eex.ImageExport(image, to=eex.Drive(), crs_code="EPSG:4326")  # wrong: a field of the API
eex.ImageExport(image, to=eex.Drive(), grid={"crsCode": "EPSG:4326"})  # wrong: a dict
eex.ImageExport(image, to=eex.Drive(), priority="high")  # wrong: a word
eex.ImageExport(5, to=eex.Drive())  # wrong: no image
eex.ImageExport(image, to=eex.Drive(), maxPixels=5)  # wrong: the official client's spelling
eex.ImageExport(image, to=eex.Drive()).replace(scale="30")  # wrong: text
eex.Client("p").export_image(image)  # wrong: no destination
eex.Client("p").export_image(image, to=eex.Drive(), priority="high")  # wrong: a word
eex.Client("p").export_image(image, to=eex.Drive(), folder="maps")  # wrong: the destination's argument
eex.Drive(bucket="bucket")  # wrong: Cloud Storage's argument
eex.CloudStorage()  # wrong: no bucket
eex.CloudStorage("bucket", folder="maps")  # wrong: Drive's argument
eex.CloudStorage("bucket", permissions="PRIVATE")  # wrong: no such permission
eex.Asset()  # wrong: no name
eex.Asset("projects/p/assets/a", bucket="bucket")  # wrong: Cloud Storage's argument
eex.GeoTiff(compress=True)  # wrong: TFRecord's argument
eex.GeoTiff(cloud_optimized="yes")  # wrong: a word
eex.TfRecord(cloud_optimized=True)  # wrong: GeoTIFF's argument
eex.TfRecord(tensor_depths=[1])  # wrong: a list
eex.PixelGrid("EPSG:4326", "1,0,0,0,-1,0", 5)  # wrong: text
eex.PixelGrid(crs_code="EPSG:4326", crs_wkt="", transform=(1, 0, 0, 0, -1, 0), dimensions=5)  # wrong: two
eex.which(files)  # wrong: no union
eex.which(files, 5)  # wrong: no name
folder = eex.which(files, "destination").folder  # wrong: it is a name
