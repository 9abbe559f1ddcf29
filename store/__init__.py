"""What is kept: submissions as received, form versions, media, people. The only SQLAlchemy."""
