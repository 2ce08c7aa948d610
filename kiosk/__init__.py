"""The device-facing pages and the offline client: a kiosk in a hall, a tablet on a desk."""
