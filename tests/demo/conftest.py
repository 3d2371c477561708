"""Proves that the main job runs from end to end, and that its picture shows the place."""
