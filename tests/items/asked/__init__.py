"""What people type, and what they hope to find in the demo's catalogue."""
