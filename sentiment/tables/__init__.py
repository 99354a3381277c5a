"""Users' tables, in and out."""
