"""The page for people who would rather look than read. Reads a finished generation, writes one HTML file."""
