"""What leaves the house: frozen releases, the one disclosure control, public pages, their twins."""
