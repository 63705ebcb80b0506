"""What the tests stand on: databases, real servers, a browser, a post office, counted statements."""
