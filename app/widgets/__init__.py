"""What pages draw, each with its Python, JavaScript and CSS together; a widget knows no page."""
