"""Pure: an answer becomes text, HTML or SVG."""
