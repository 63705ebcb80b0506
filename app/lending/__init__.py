"""Lending: an object is asked for, reserved, handed out, renewed, taken back, and put right when it comes back broken."""
